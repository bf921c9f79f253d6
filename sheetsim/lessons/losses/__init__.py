"""What the lessons on losses and activations share: `arrays` and `reference` have Excel's errors, each for
its own implementation."""
