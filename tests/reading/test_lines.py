"""Lines are the same wherever a text is cut into chunks, and however many are taken at once."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cecli.errors import InputError
from cecli.reading.lines import LineReader, Lines

LINE = st.sampled_from(
    [b"", b"1,2", b"0.5", b"# note", b" 3,4", b"\t", b"#", b"5", b"  # x", b"a,b", b"123456789,0.25", b"!", b'"q"']
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r"])


class Pieces(io.BytesIO):
    """A stream that hands out a few bytes at a time."""

    def __init__(self, data, size):
        super().__init__(data)
        self.size = size

    def read1(self, size=-1):
        return self.read(min(size, self.size))


def data_lines(text):
    """The lines that hold data, with their numbers, in as many words as that takes."""
    split = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    return [(i, line) for i, line in enumerate(split, 1) if line.strip() and not line.strip().startswith(b"#")]


def numbered(found):
    """Lines with their numbers; all that is said of them agrees."""
    assert len(found) == len(found.texts) == len(found.numbers)
    assert found.text == b"".join(text + b"\n" for text in found.texts)
    assert found.size == len(found.text)
    return list(zip(found.numbers, found.texts, strict=True))


@given(
    parts=st.lists(st.tuples(LINE, ENDS), max_size=30),
    last=LINE,
    size=st.integers(1, 40),
    takes=st.lists(st.integers(0, 7), max_size=12),
    long=st.sampled_from([1, 8, 1 << 16]),
)
def test_lines_however_they_are_taken(inside_meanwhile, parts, last, size, takes, long):
    """In pieces of any size, with and without an end of the last, kept apart or as one text."""
    text = b"".join(line + end for line, end in parts) + last
    text = text.replace(b"\r", b"\n") if size < 3 else text  # a piece ends at an end of line, and \r alone is none yet
    with inside_meanwhile("bytes of a long line", long):
        reader = LineReader(Pieces(text, size), "x")
        found = []
        for n in takes:
            part = reader.take(n)
            assert len(part) <= n
            if n % 3 == 0:  # as if it had only been looked at
                reader.give_back(part)
            else:
                found += numbered(part)
        found += numbered(reader.take(1000))
    assert found == data_lines(text)
    assert len(reader.take(1)) == 0


def test_lines_are_one_text_until_single_ones_are_asked_for():
    """Cut and joined as such, without a list of them."""
    reader = LineReader(io.BytesIO(b"1,2\n3,4\n5,6\n7,8\n"), "x")
    first = reader.take(3)
    reader.give_back(first)
    both = Lines.joined([reader.take(1), reader.take(2)])
    assert both.ends.tolist() == [3, 7, 11]
    assert both.text == b"1,2\n3,4\n5,6\n"
    assert both.numbers == range(1, 4)
    assert both.texts == [b"1,2", b"3,4", b"5,6"]


def test_a_quoted_field_over_lines_that_come_one_by_one():
    """However small the pieces are in which the lines arrive."""

    class Slow(io.BytesIO):
        def read1(self, _):
            return self.readline()

    reader = LineReader(Slow(b'a,"b\nc\nd",e\nf,g,h\n'), "x")
    found = reader.take(9)
    assert found.texts == [b'a,"b\nc\nd",e', b"f,g,h"]
    assert list(found.numbers) == [1, 4]
    with pytest.raises(InputError, match="a quote is opened and never closed"):
        LineReader(Slow(b'a,"b\nc\n'), "x").take(9)
