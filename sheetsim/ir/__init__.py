"""The typed form that formulas are lowered to: a few primitive operations over arrays with named axes.

ops       the primitives, one record each, with the scalar rule that defines it
types     what kinds of values a term can hold, and along which axes it varies
build     builders: what the body of a function is written against (start there)
eager     the builder that works bodies out at once, on single values: the definition of meaning
simplify  the rules by which a program becomes smaller, to the bit the same
verify    what holds for every program
"""
