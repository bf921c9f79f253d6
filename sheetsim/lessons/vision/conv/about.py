"""The words of `conv`'s page."""

SHOWS = """
    A picture of a digit is a grid of numbers, and a convolution a small grid of weights that is moved over
    it: at each place nine numbers are multiplied by nine weights and added up. ReLU keeps what is above
    zero. One filter answers to upper edges, the other to left ones, and what they answer is again a
    picture. A second convolution looks at both of these pictures at once. Max pooling keeps the largest of
    each 2 x 2 window, and the dense unit multiplies all that is left by weights of its own and adds it up:
    one number for one class.

    On the sheet conv picture the whole net stands in a row, from left to right. On the sheet conv each
    picture is large, and every pixel a formula: click one and read it. The darker a cell the larger its
    number; weights are orange above zero and blue below. What a chosen cell sees of the layers before it,
    its receptive field, is framed in red. On conv one cell two of the cells are worked out, tap by tap.
"""
TRIES = """
    Set filters (conv!AF3) to sobel, then to random: all pictures follow. With random, change seed
    (conv!AF4).

    Draw: type numbers from 0 to 1 into the image (conv!A2:AB29), or export with --image FILE or --idx FILE
    --index N.

    Type 1 into all nine cells of filter 1/1 (conv!AD11:AF13): the picture is blurred. Type 0 with a 1 in
    the middle: the picture is itself, a pixel smaller on each side.

    Set layer (conv!AF6) to conv1, conv2 and pool in turn: a cell sees 3 x 3, 5 x 5 and 6 x 6 pixels of the
    image, though no filter is larger than 3 x 3.

    Set filters to random and seed to 3: the first picture of conv1 is white, as its sums are nowhere above
    zero. Such a unit is dead: ReLU lets no gradient through, and training would not wake it.
"""
REMARKS = """
    Kept from the course's sheet: conv2 is 24 x 25 and not 24 x 24, as its last column (CK) reads the blank
    column BH beside conv1, which counts as zeros; max pooling therefore has 12 x 13 values and its last
    column sees one column only (torch calls that ceil_mode); pooled values stand in every second cell,
    where their windows begin. There is one dense unit where a net for ten digits would have ten.

    The course writes {=MAX(0,SUM(A2:C4*$AD$11:$AF$13))}, an array formula in each cell; SUMPRODUCT gives
    the same bits without the braces. It has a stray 0.0476 in the middle of filter 1/1, which is left out
    here.
"""
