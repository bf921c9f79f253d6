"""What the gradient-descent lessons share: y = a*x + b fitted one point a row (`course-v3/graddesc.xlsm`).

Each implementation has a module of its own here, as each has in a lesson's folder; they never import one
another.
"""
