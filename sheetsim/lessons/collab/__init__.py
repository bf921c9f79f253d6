"""What the collaborative-filtering lessons share: ratings, where they come from, how many are taken."""
