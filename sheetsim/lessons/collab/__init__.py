"""What the collaborative-filtering lessons share: ratings, where they come from, how many are taken."""

RANDOM_TOP = 3  # row 4 of a sheet of random numbers: the first of them
DISCARDED = 10  # the first ones after a small seed are small
