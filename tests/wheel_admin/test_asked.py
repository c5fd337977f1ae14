"""What is asked on a terminal, how it is answered, and that nothing is asked anywhere else."""

from pathlib import Path

import pytest

from tests.wheel_admin.conftest import Desk, posix_only
from tests.wheel_admin.terminal import Ended, on_terminal

pytestmark = posix_only

UNCLEAR = "Guest list\nBo Li\nAna Ruiz\n"
"""A list whose first row may be a title or somebody's name."""


def ask(desk: Desk, *arguments: str | Path, typed: str | list[tuple[str, str]], columns: int = 80) -> Ended:
    words = [*map(str, arguments), "--home", str(desk.home.root)]
    return on_terminal(words, typed, columns=columns)


@pytest.fixture
def unclear(desk: Desk) -> Path:
    """A file about which `import` has to ask."""
    return desk.text("people.txt", UNCLEAR)


def test_nobody_is_asked_where_nobody_sits(desk: Desk, unclear: Path) -> None:
    error = desk.error("import", unclear, code=3)
    assert "not clear" in error["message"]
    assert "wheel-admin import" in error["remedy"]
    assert not desk.draft.entries


@pytest.mark.slow
def test_an_unclear_file_is_asked_about_with_a_preview(desk: Desk, unclear: Path) -> None:
    ended = ask(desk, "import", unclear, typed="1\n")
    assert ended.code == 0, ended.shown
    assert "  1  " in ended.shown
    assert "001  Guest list" in ended.shown
    assert "... 3 in all" in ended.shown
    assert "This command would answer the same:" in ended.shown
    assert [entry.name for entry in desk.draft.entries] == ["Bo Li", "Ana Ruiz"]


@pytest.mark.slow
def test_the_command_that_would_answer_the_same_does_so(desk: Desk, unclear: Path) -> None:
    ended = ask(desk, "import", unclear, typed="2\n")
    command = ended.shown.partition("This command would answer the same:\n")[2].splitlines()[0].split()
    asked = desk.draft
    desk.do("undo")
    desk.do(*command[1:])
    assert desk.draft == asked


@pytest.mark.slow
def test_a_number_that_is_no_choice_is_asked_again(desk: Desk, unclear: Path) -> None:
    ended = ask(desk, "import", unclear, typed="9\nx\n2\n")
    assert ended.code == 0
    assert "Error: type the number that stands before an answer" in ended.shown
    assert [entry.name for entry in desk.draft.entries] == ["Guest list", "Bo Li", "Ana Ruiz"]


@pytest.mark.slow
def test_none_of_the_choices_changes_nothing(desk: Desk, unclear: Path) -> None:
    assert ask(desk, "import", unclear, typed="0\n").code == 130
    assert not desk.draft.entries


@pytest.mark.slow
def test_yes_never_asks_on_a_terminal(desk: Desk, unclear: Path) -> None:
    ended = ask(desk, "import", unclear, "--yes", typed="")
    assert ended.code == 3
    assert "Which one?" not in ended.shown


@pytest.fixture
def doubtful(desk: Desk) -> Desk:
    """A desk with two people of one name on the draft."""
    desk.do("import", desk.text("people.csv", "Ticket,Name\n1,Ana Ruiz\n2,Bo Li\n3,Ana Ruiz\n"))
    return desk


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "code", "lists"), [("y\n", 0, 1), ("\n", 4, 0), ("n\n", 4, 0)])
def test_publish_asks_about_a_doubtful_list(doubtful: Desk, typed: str, code: int, lists: int) -> None:
    ended = ask(doubtful, "publish", typed=typed)
    assert ended.code == code, ended.shown
    assert "Please check: 1 name occurs more than once" in ended.shown
    assert "Publish it all the same?" in ended.shown
    assert len(list(doubtful.home.snapshots.glob("snapshot-*"))) == lists


@pytest.mark.slow
def test_start_asks_one_question_a_step_and_enter_says_yes(bare: Desk) -> None:
    ended = ask(bare, "start", bare.text("people.txt", "Ana Ruiz\nBo Li\n"), typed="\n\n\n")
    assert ended.code == 0, ended.shown
    assert ended.shown.count("?") == 2
    assert "Make one there? [Y/n]" in ended.shown
    assert "Title on the screen [Prize draw]:" in ended.shown
    assert "Put this list on the wheel? [Y/n]" in ended.shown
    assert "published generation 1" in ended.shown
    assert "wheel-kiosk run" in ended.shown


@pytest.mark.slow
def test_start_takes_the_title_that_is_typed(bare: Desk) -> None:
    ask(bare, "start", bare.text("people.txt", "Ana Ruiz\nBo Li\n"), typed="\nSummer draw\n\n")
    assert bare.do("show", "1")["event"]["title"] == "Summer draw"


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "home", "entries"), [("n\n", False, 0), ("\n\nn\n", True, 2)])
def test_a_no_to_start_leaves_the_steps_before(bare: Desk, typed: str, home: bool, entries: int) -> None:
    ended = ask(bare, "start", bare.text("people.txt", "Ana Ruiz\nBo Li\n"), typed=typed)
    assert ended.code == 4, ended.shown
    assert bare.home.draft.exists() is home
    if home:
        assert len(bare.draft.entries) == entries
        assert not list(bare.home.snapshots.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(("typed", "names"), [("1", ["Cem Ak", "Bo Li"]), ("2", ["Ana Ruiz", "Cem Ak", "Bo Li"])])
def test_start_asks_what_becomes_of_the_entries_there(desk: Desk, typed: str, names: list[str]) -> None:
    desk.do("entries", "add", "A1", "Ana Ruiz")
    path = desk.text("more.csv", "Ticket,Name\nX100,Cem Ak\nX101,Bo Li\n")
    ended = ask(desk, "start", path, "--title", "T", typed=f"{typed}\n\n")
    assert ended.code == 0, ended.shown
    assert [entry.name for entry in desk.draft.entries] == names


@pytest.mark.slow
def test_start_asks_about_an_unclear_file_too(bare: Desk) -> None:
    ended = ask(bare, "start", bare.text("people.txt", UNCLEAR), "--title", "T", typed="\n2\n\n")
    assert ended.code == 0, ended.shown
    assert bare.do("show", "1")["entries"] == 3


@pytest.mark.slow
def test_text_is_pasted_on_a_terminal(desk: Desk) -> None:
    ended = ask(desk, "import", "-", typed=[("Paste the list", "Ana Ruiz\nBo Li\n\x04")])
    assert ended.code == 0, ended.shown
    assert "Paste the list here" in ended.shown
    assert [entry.name for entry in desk.draft.entries] == ["Ana Ruiz", "Bo Li"]


@pytest.mark.slow
def test_a_doubt_about_pasted_text_can_still_be_answered(bare: Desk) -> None:
    typed = [("Make one", "\n"), ("Paste the list", f"{UNCLEAR}\x04"), ("Which one?", "2\n"), ("Put this list", "\n")]
    ended = ask(bare, "start", "-", "--title", "T", typed=typed)
    assert ended.code == 0, ended.shown
    assert bare.do("show", "1")["entries"] == 3


@pytest.mark.slow
@pytest.mark.parametrize("columns", [40, 60, 80])
def test_a_table_on_a_narrow_terminal_keeps_the_names(desk: Desk, columns: int) -> None:
    desk.do("entries", "add", "TICKET-0000000000000000000000000042", "Ana Ruiz")
    ended = ask(desk, "entries", "list", typed="", columns=columns)
    assert "Ana Ruiz" in ended.shown
    assert max(map(len, ended.shown.splitlines())) <= columns
