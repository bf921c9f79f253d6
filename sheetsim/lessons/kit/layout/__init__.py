"""What the lessons' workbooks share: the page that explains, and the builder of their sheets."""
