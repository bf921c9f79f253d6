"""The words of `dropout`'s page."""

SHOWS = """
    The net is that of the lesson conv: image, two convolutions with ReLU, max pooling, a dense unit.
    Between the second convolution and max pooling each activation is kept or switched off at random: a
    random number stands beside each of them, and where it is not above p the activation becomes 0. In
    training another mask is drawn for every picture, so that no unit can rely on another one being there,
    and a picture that is seen again is never quite the same: data augmentation of activations. On the sheet
    dropout masks one picture stands under five masks.

    The random numbers come from seed by formula, not from RAND(): nothing changes unless you change it, and
    NumPy, PyTorch and a GPU make the same mask from the same seed, bit for bit. On dropout counts stands
    how many activations should be off and how many are, and what became of the mean.
"""
TRIES = """
    Set p (dropout!GD1) to 0, 0.2, 0.5 and 0.9: can you still tell the digit? At 0 three of 600 are off all
    the same (for the 0.001 below), and the dense activation is 2.60, that of conv.

    Change seed (dropout!GD3): another mask, about as many zeros. The column apart of dropout counts is
    rarely beyond 2.

    Set convention (dropout!GD2) to torch: what is kept is divided by 1 - p, and the mean after dropout
    comes near the mean before it, whatever p is. In the lesson's convention it falls to about 1 - p of it.

    With p at 0.5, compare the pooled pictures with and without dropout (p at 0): the largest of a window
    survives in half of all windows, and else one of its neighbours speaks for it.
"""
REMARKS = """
    Kept from the course's sheet: an activation is off where its number is at most p + 0.001; the mask holds
    the random number itself, not 1; FA30 and FA63 count 26*26 = 676 cells where there are 24 * 25 = 600, so
    that the share in FA32 and FA65 is too small: the course shows .80 and .82 where .90 and .92 of the
    cells are off. dropout counts has it right. conv2 is 24 x 25, as its last column (CO) reads the blank
    column beside conv1; the course titles it 26 x 26, and conv1, which is 26 x 26, 27 x 27. Pooling
    therefore has 12 x 13 values (torch's ceil_mode), in every second cell.

    The course's masks come from RAND() and change with every edit.
"""
