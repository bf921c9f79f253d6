"""`word_emb` in Excel formulas."""

from sheetsim.address import Rect, cell_name, column_name
from sheetsim.lessons.collab.word_emb import (
    FACTORS,
    FIRST_ROW,
    LENGTH,
    LESSON,
    NAME,
    NEAR,
    NEAR_ROWS,
    SECOND_ROW,
    WORDS,
)
from sheetsim.lessons.kit.layout.builder import SheetBuilder
from sheetsim.lessons.kit.lesson import Data, Settings
from sheetsim.style import HeatMap
from sheetsim.workbook import Workbook

SHOWS = """
    A computer cannot multiply words. So each word gets a row of numbers, its embedding, and a text becomes a
    table with a row for each of its words: find the word's place in the vocabulary, take the row that stands
    there. That is all an embedding layer does; the "matrix" that a text becomes (K3:O50) is a copy of rows.

    The numbers of the first vocabulary are random, as they are before training. Those of the second were
    made by hand, so that each column means something; training finds such numbers by itself, though rarely
    with so clear a meaning. The sheet "word_emb near" shows the difference: the cosine of two words' vectors
    is 1 where they point the same way, -1 where they point opposite ways. Random numbers make odd
    neighbours; the second table knows that a cat is nearest to a dog.
"""
TRIES = """
    Type another word of the vocabulary over one of the text (column I): its row of numbers follows, and so
    does the text's mean (row 52). Capital letters make no difference.

    Type house into I3. It is not in the vocabulary. The first look-up says nothing of it and takes the word
    before it, fish (place 7): MATCH without a match type finds the last word that is not after house. The
    second one, which asks for an exact match, says #N/A.

    Give eats the vector of fish in the second table (C26:G26 into C27:G27, or the other way round): on
    "word_emb near" the two are neighbours with the cosine 1.

    Make bird live in the sky only: type 0 into C23 and 1 into E23. Its nearest word is then rain, not dog.
"""
SHEETS = {
    NAME: "two vocabularies with their embeddings on the left, the text looked up in both on the right",
    NEAR: "how near each word is to each other word, in the first and in the second table",
}
VECTOR = "0.00"


def build(settings: Settings, data: Data) -> Workbook:
    """The workbook of the lesson."""
    build = SheetBuilder(LESSON, settings, data)
    _vocabularies(build)
    _text(build)
    _near(build)
    return build.finish(shows=SHOWS, tries=TRIES, sheets=SHEETS, keywords="embeddings, words, look-up")


def _vocabularies(build: SheetBuilder) -> None:
    look = build.looks[NAME]
    for top, title in ((FIRST_ROW, "first vocabulary, random"), (SECOND_ROW, "second vocabulary, by hand")):
        build.text(NAME, cell_name(top - 2, 1), title, "strong")
        for column, heading in enumerate(("Word id", "word")):
            build.text(NAME, cell_name(top - 1, column), heading, "heading")
        build.book[NAME].set((top, 0), 1.0)
        look.paint(cell_name(top, 0), "helper")
    for column in range(FACTORS):
        build.book[NAME].set((FIRST_ROW - 1, 2 + column), column + 1.0)
        build.book[NAME].set((FIRST_ROW - 1, 10 + column), column + 1.0)
        build.text(NAME, cell_name(SECOND_ROW - 1, 2 + column), build.blocks["second_vector"].columns[column])
    look.paint(Rect(FIRST_ROW - 1, 2, FIRST_ROW, 2 + FACTORS), "heading")
    look.paint(Rect(FIRST_ROW - 1, 10, FIRST_ROW, 10 + FACTORS), "heading")
    look.paint(Rect(SECOND_ROW - 1, 2, SECOND_ROW, 2 + FACTORS), "heading")
    build.input("word")
    build.input("embedding", number=VECTOR)
    build.input("second_word")
    build.input("second_embedding", number=VECTOR)
    build.block("word_id", "A3+1", number="0", role="helper", headings=False)
    build.formula(NAME, Rect(SECOND_ROW + 1, 0, SECOND_ROW + WORDS, 1), f"A{SECOND_ROW + 1}+1", role="helper")
    look.notes["B3"] = "Keep these words sorted: MATCH without a match type looks for them by bisection."


def _text(build: SheetBuilder) -> None:
    last, last_second = FIRST_ROW + WORDS, SECOND_ROW + WORDS
    build.text(NAME, "I2", "text", "heading")
    build.input("text")
    build.block("place", f"MATCH(I3,$B$3:$B${last})", number="0")
    build.block("vector", "OFFSET($B$2,$J3,K$2)", number=VECTOR)
    build.block("second_place", f"MATCH($I3,$B${SECOND_ROW + 1}:$B${last_second},0)", number="0")
    build.block("second_vector", f"INDEX(C${SECOND_ROW + 1}:C${last_second},$Q3)", number=VECTOR)
    bottom = FIRST_ROW + LENGTH
    build.text(NAME, f"J{bottom + 2}", "mean of the text")
    build.block("mean", f"AVERAGE(K3:K{bottom})", number=VECTOR, role="result", headings=False)
    build.block("second_mean", f"AVERAGE(R3:R{bottom})", number=VECTOR, role="result", headings=False)
    look = build.looks[NAME]
    look.widths = {"A": 8, "B": 10, "C:G": 9, "H": 3, "I": 10, "J": 15, "K:O": 9, "P": 3, "Q": 9, "R:V": 9}
    look.heights[0] = 36
    look.frozen = "A3"
    for name in ("embedding", "second_embedding", "vector", "second_vector"):
        part = build.inputs[name] if name in build.inputs else build.blocks[name]
        look.heat.append(HeatMap(part.rect, signed=not name.startswith("second")))


def _near(build: SheetBuilder) -> None:
    """A table of cosines for each vocabulary."""
    words = WORDS
    for which, top, first, title in (
        ("", NEAR_ROWS[0], FIRST_ROW, "the first table: random numbers"),
        ("second_", NEAR_ROWS[1], SECOND_ROW, "the second table: numbers with a meaning"),
    ):
        one, last, row = first + 1, first + words, top + 1
        build.text(NEAR, cell_name(top - 3, 0), f"Cosines between words in {title}", "section")
        build.formula(NEAR, Rect(top, 0, top + words, 1), f"{NAME}!$B{one}", role="strong")
        across = Rect(top - 1, 2, top, 2 + words)
        for place in range(words):
            build.book[NEAR].set((top - 2, 2 + place), place + 1.0)
        build.looks[NEAR].paint(Rect(top - 2, 2, top - 1, 2 + words), "helper")
        build.looks[NEAR].heights[top - 2] = 36
        build.formula(NEAR, across, f"INDEX({NAME}!$B${one}:$B${last},C${top - 1})", role="heading")
        build.block(f"{which}length", f"SQRT(SUMSQ({NAME}!$C{one}:$G{one}))")
        other = f"INDEX({NAME}!$C${one}:$G${last},C${top - 1},0)"
        lengths = f"$B{row}*INDEX($B${row}:$B${top + words},C${top - 1})"
        cosine = f"SUMPRODUCT({NAME}!$C{one}:$G{one},{other})/({lengths})"
        cosine = f'IF(ROWS($A${row}:$A{row})=C${top - 1},"",{cosine})'
        build.block(f"{which}cosine", cosine, heat=not which, headings=False)
        row_of = f"$C{row}:${column_name(1 + words)}{row}"
        build.block(f"{which}nearest", f"MATCH(MAX({row_of}),{row_of},0)", number="0")
        right = 4 + words
        build.text(NEAR, cell_name(top - 1, right), "that word", "heading")
        found = f"INDEX($A${row}:$A${top + words},{cell_name(top, right - 1)})"
        build.formula(NEAR, Rect(top, right, top + words, right + 1), found, role="result")
        build.text(NEAR, cell_name(top - 1, right + 1), "its cosine", "heading")
        build.formula(NEAR, Rect(top, right + 1, top + words, right + 2), f"MAX({row_of})", number="0.00")
    look = build.looks[NEAR]
    look.widths = {"A": 9, "B": 9, "C:P": 7, "Q": 3, "R": 9, "S": 10, "T": 10}
    look.frozen = "B2"
