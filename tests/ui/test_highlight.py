"""Is a program with its words in classes still the program?"""

from pathlib import Path

import pytest

from quantlab.ui.highlight import parts

FILES = sorted(Path(__file__).parent.glob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_all_parts_in_a_row_are_the_program(path):
    text = path.read_text()
    assert "".join(words for _, words in parts(text)) == text


def test_words_get_their_classes_and_what_stands_between_is_plain():
    assert parts("import x\nprint(f'{x:.1f} dB', 'a', 3e-2)  # why\n") == [
        ("keyword", "import"),
        ("", " x\nprint("),
        *parts("f'{x:.1f} dB'"),
        ("", ", "),
        ("string", "'a'"),
        ("", ", "),
        ("number", "3e-2"),
        ("", ")  "),
        ("comment", "# why"),
        ("", "\n"),
    ]
    assert parts("") == []
