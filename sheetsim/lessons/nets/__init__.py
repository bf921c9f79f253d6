"""What the lessons on small networks share, telling by telling: arithmetic, layers, kernels."""
