"""What the lessons on small networks share, implementation by implementation: arithmetic, layers, kernels."""
