"""What the lessons on pictures share: the pictures, and filters to look at them with."""
