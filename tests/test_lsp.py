"""The language server, spoken to over its standard input and output as an editor does it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from lsprotocol import types
from pygls.lsp.client import LanguageClient

from sqla_lint.lsp.convert import edits, lines_of, position

LEAK = """\
from db import engine
from sqlalchemy import text


def count():
    conn = engine.connect()
    return conn.execute(text("SELECT 1")).scalar()
"""
RAW = 'from db import engine\n\nwith engine.connect() as c:\n    c.execute("SELECT 1")\n'
FINE = """\
from db import engine
from sqlalchemy import text


def count():
    with engine.connect() as conn:
        return conn.execute(text("SELECT 1")).scalar()
"""
FINE_LINE = 6
WAIT = 30  # seconds: a bound for a hanging server, not a measurement


class Editor:
    """A client with the diagnostics it was last told."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.client = LanguageClient("test", "1")
        self.told: dict[str, types.PublishDiagnosticsParams] = {}
        self.news = asyncio.Event()
        self.progress: list[str] = []

        @self.client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)
        def _(params: types.PublishDiagnosticsParams) -> None:
            self.told[params.uri] = params
            self.news.set()

        @self.client.feature(types.WINDOW_WORK_DONE_PROGRESS_CREATE)
        def _(params: types.WorkDoneProgressCreateParams) -> None:
            self.progress.append("create")

        @self.client.feature(types.PROGRESS)
        def _(params: types.ProgressParams) -> None:
            self.progress.append(params.value["kind"])

    async def start(self, *folders: Path) -> types.InitializeResult:
        await self.client.start_io(sys.executable, "-m", "sqla_lint", "server")
        result = await self.client.initialize_async(
            types.InitializeParams(
                capabilities=types.ClientCapabilities(
                    window=types.WindowClientCapabilities(work_done_progress=True)
                ),
                workspace_folders=[
                    types.WorkspaceFolder(f.as_uri(), f.name) for f in folders or (self.root,)
                ],
            )
        )
        self.client.initialized(types.InitializedParams())
        return result

    async def stop(self) -> None:
        await self.client.shutdown_async(None)
        self.client.exit(None)
        await self.client.stop()

    def uri(self, name: str) -> str:
        return (self.root / name).as_uri()

    def open(self, name: str, text: str) -> None:
        item = types.TextDocumentItem(self.uri(name), "python", 1, text)
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(item))

    def change(self, name: str, version: int, text: str) -> None:
        self.client.text_document_did_change(
            types.DidChangeTextDocumentParams(
                types.VersionedTextDocumentIdentifier(version, self.uri(name)),
                [types.TextDocumentContentChangeWholeDocument(text)],
            )
        )

    async def codes(self, name: str, version: int = 1) -> list[str]:
        """The codes told for a version of a document, once they have been."""
        while (told := self.told.get(self.uri(name))) is None or (told.version or 0) < version:
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), WAIT)
        return [str(diagnostic.code) for diagnostic in told.diagnostics]

    async def actions(self, name: str, line: int, *only: str) -> list[types.CodeAction]:
        place = types.Position(line, 0)
        found = await self.client.text_document_code_action_async(
            types.CodeActionParams(
                types.TextDocumentIdentifier(self.uri(name)),
                types.Range(place, place),
                types.CodeActionContext([], only=list(only) or None),
            )
        )
        assert found is not None
        return [action for action in found if isinstance(action, types.CodeAction)]


def play(root: Path, scene: Callable[[Editor], Awaitable[None]], *folders: Path) -> None:
    """Start a server, play the scene, stop the server."""

    async def scenes() -> None:
        editor = Editor(root)
        await editor.start(*folders)
        try:
            await scene(editor)
        finally:
            await editor.stop()

    asyncio.run(asyncio.wait_for(scenes(), 4 * WAIT))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "db.py").write_text(
        'from sqlalchemy import create_engine\n\nengine = create_engine("sqlite://")\n'
    )
    return tmp_path


def apply(text: str, action: types.CodeAction, uri: str) -> str:
    assert action.edit is not None
    assert action.edit.changes is not None
    return changed(text, list(action.edit.changes[uri]))


def changed(text: str, changes: list[types.TextEdit]) -> str:
    lines = lines_of(text)
    starts = [sum(map(len, lines[:n])) for n in range(len(lines) + 1)]
    for edit in sorted(changes, key=lambda e: e.range.start, reverse=True):
        first = starts[edit.range.start.line] + edit.range.start.character
        last = starts[edit.range.end.line] + edit.range.end.character
        text = text[:first] + edit.new_text + text[last:]
    return text


def test_an_open_file_is_linted_within_its_project(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        editor.open("a.py", LEAK)
        assert await editor.codes("a.py") == ["SAL101"]
        (diagnostic,) = editor.told[editor.uri("a.py")].diagnostics
        assert diagnostic.range.start == types.Position(5, 11)
        related = diagnostic.related_information or ()
        assert next(one.message for one in related) == "1. opened here"
        assert {one.location.uri for one in related} == {editor.uri("a.py")}
        assert editor.progress[0] == "create"
        assert (editor.progress[1], editor.progress[-1]) == ("begin", "end")

    play(project, scene)


def test_a_change_is_linted_without_saving(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        editor.open("a.py", LEAK)
        await editor.codes("a.py")
        editor.change("a.py", 2, LEAK.replace("conn.execute(", "conn.execute(("))  # half typed
        editor.change("a.py", 3, LEAK.replace("return", "x ="))
        assert await editor.codes("a.py", 3) == ["SAL101"]
        mended = LEAK.replace("conn = engine.connect()", "with engine.connect() as conn:")
        editor.change("a.py", 4, mended.replace("    return", "        return"))
        assert await editor.codes("a.py", 4) == []

    play(project, scene)


def test_fixes_and_suppressions_are_offered(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        editor.open("raw.py", RAW)
        assert await editor.codes("raw.py") == ["SAL403"]
        fix, silence, every = await editor.actions("raw.py", 3)
        uri = editor.uri("raw.py")
        assert apply(RAW, fix, uri) == RAW.replace('"SELECT 1"', 'text("SELECT 1")').replace(
            "import engine\n", "import engine\nfrom sqlalchemy import text\n"
        )
        assert fix.is_preferred
        assert apply(RAW, silence, uri).endswith('("SELECT 1")  # noqa: SAL403\n')
        assert apply(RAW, every, uri) == apply(RAW, fix, uri)
        assert [a.kind for a in await editor.actions("raw.py", 0, "source.fixAll")] == [
            "source.fixAll.sqla-lint"
        ]
        assert await editor.codes("raw.py") == ["SAL403"]

    play(project, scene)


def test_hover_explains_the_rule_of_a_finding(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        editor.open("raw.py", RAW)
        await editor.codes("raw.py")
        told = await editor.client.text_document_hover_async(
            types.HoverParams(
                types.TextDocumentIdentifier(editor.uri("raw.py")), types.Position(3, 17)
            )
        )
        assert told is not None
        assert isinstance(told.contents, types.MarkupContent)
        assert told.contents.value.startswith("**SAL403 raw-string-statement**")

    play(project, scene)


async def hovered(editor: Editor, name: str, line: int, character: int) -> str:
    told = await editor.client.text_document_hover_async(
        types.HoverParams(
            types.TextDocumentIdentifier(editor.uri(name)), types.Position(line, character)
        )
    )
    if told is None:
        return ""
    assert isinstance(told.contents, types.MarkupContent)
    return told.contents.value


def test_hover_tells_what_an_expression_is_and_why(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        editor.open("fine.py", FINE)
        assert await editor.codes("fine.py") == []
        on_conn = await hovered(
            editor, "fine.py", FINE_LINE, FINE.splitlines()[FINE_LINE].index("conn")
        )
        assert on_conn.startswith("`conn` is a connection; ")
        assert "(db.py:3)" in on_conn  # from the file that makes the engine
        on_call = FINE.splitlines()[FINE_LINE].index("execute")
        assert (await hovered(editor, "fine.py", FINE_LINE, on_call)).startswith(
            "what `execute` gives is a result"
        )
        assert await hovered(editor, "fine.py", FINE_LINE, 4) == ""  # `return`
        assert await hovered(editor, "fine.py", 2, 0) == ""  # an empty line

    play(project, scene)


def test_hover_looks_at_what_the_editor_holds(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        editor.open("fine.py", "x = 1\n")
        await editor.codes("fine.py")
        editor.change("fine.py", 2, FINE)
        await editor.codes("fine.py", 2)
        column = FINE.splitlines()[FINE_LINE].index("conn")
        assert "is a connection" in await hovered(editor, "fine.py", FINE_LINE, column)

    play(project, scene)


def test_comments_that_silence_nothing_are_told_and_taken_out(project: Path) -> None:
    text = FINE.replace("conn:", "conn:  # noqa: SAL101")

    async def scene(editor: Editor) -> None:
        editor.open("fine.py", text)
        assert await editor.codes("fine.py") == ["SAL001"]
        fix, every = await editor.actions("fine.py", FINE_LINE - 1)
        assert apply(text, fix, editor.uri("fine.py")) == FINE
        assert apply(text, every, editor.uri("fine.py")) == FINE

    play(project, scene)


def test_a_path_leads_into_other_files(project: Path) -> None:
    model = (
        "from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column\n\n\n"
        "class Base(DeclarativeBase):\n    pass\n\n\n"
        'class User(Base):\n    __tablename__ = "users"\n'
        "    id: Mapped[int] = mapped_column(primary_key=True)\n"
    )
    (project / "models.py").write_text(model)
    text = "from models import User\nfrom sqlalchemy import select\n\nq = select(User.nam)\n"

    async def scene(editor: Editor) -> None:
        editor.open("a.py", text)
        assert await editor.codes("a.py") == ["SAL515"]
        (diagnostic,) = editor.told[editor.uri("a.py")].diagnostics
        assert [
            (Path(one.location.uri).name, one.location.range.start.line)
            for one in diagnostic.related_information or ()
        ] == [("models.py", 7)]

    play(project, scene)


def test_saving_a_file_looks_at_the_other_open_ones_again(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        editor.open("a.py", LEAK)
        assert await editor.codes("a.py") == ["SAL101"]
        other = "class Nothing:\n    pass\n\n\nengine = Nothing()\n"
        editor.open("db.py", (project / "db.py").read_text())
        await editor.codes("db.py")
        editor.change("db.py", 2, other)
        (project / "db.py").write_text(other)
        editor.told.pop(editor.uri("a.py"))
        editor.client.text_document_did_save(
            types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(editor.uri("db.py")))
        )
        assert await editor.codes("a.py") == []

    play(project, scene)


def test_closing_takes_the_findings_away(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        editor.open("a.py", LEAK)
        await editor.codes("a.py")
        editor.client.text_document_did_close(
            types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(editor.uri("a.py")))
        )
        while editor.told[editor.uri("a.py")].diagnostics:
            editor.news.clear()
            await asyncio.wait_for(editor.news.wait(), WAIT)
        assert not editor.told[editor.uri("a.py")].diagnostics

    play(project, scene)


def test_each_workspace_folder_has_its_own_settings(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "db.py").write_text(
            'from sqlalchemy import create_engine\n\nengine = create_engine("sqlite://")\n'
        )
    (tmp_path / "two" / "sqla-lint.toml").write_text('ignore = ["SAL101"]\n')

    async def scene(editor: Editor) -> None:
        editor.open("one/a.py", LEAK)
        editor.open("two/a.py", LEAK)
        assert await editor.codes("one/a.py") == ["SAL101"]
        assert await editor.codes("two/a.py") == []

    play(tmp_path, scene, tmp_path / "one", tmp_path / "two")


def test_packages_of_a_folder_have_their_own_settings(project: Path) -> None:
    (project / "sqla-lint.toml").write_text(
        '[[overrides]]\npaths = ["quiet/"]\nignore = ["SAL101"]\n'
    )
    for name in ("quiet", "own"):
        (project / name).mkdir()
    (project / "own" / "sqla-lint.toml").write_text('select = ["SAL4"]\n')

    async def scene(editor: Editor) -> None:
        for name in ("a.py", "quiet/a.py", "own/a.py"):
            editor.open(name, LEAK)
        assert await editor.codes("a.py") == ["SAL101"]
        assert await editor.codes("quiet/a.py") == []
        assert await editor.codes("own/a.py") == []

    play(project, scene)


def test_excluded_files_are_not_linted(project: Path) -> None:
    async def scene(editor: Editor) -> None:
        editor.open(".venv/lib/site-packages/a.py", LEAK)
        assert await editor.codes(".venv/lib/site-packages/a.py") == []

    play(project, scene)


def test_a_folder_may_come_later(tmp_path: Path, project: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "sqla-lint.toml").write_text('ignore = ["SAL101"]\n')
    (other / "db.py").write_text((project / "db.py").read_text())

    async def scene(editor: Editor) -> None:
        editor.client.workspace_did_change_workspace_folders(
            types.DidChangeWorkspaceFoldersParams(
                types.WorkspaceFoldersChangeEvent(
                    [types.WorkspaceFolder(other.as_uri(), "other")], []
                )
            )
        )
        editor.open("other/a.py", LEAK)
        assert await editor.codes("other/a.py") == []

    play(project, scene)


def test_positions_count_utf_16() -> None:
    lines = lines_of("x = '\N{SNAKE}' + y\n")
    assert position(lines, 1, lines[0].index("y") + 1) == types.Position(0, 11)


@pytest.mark.parametrize(
    ("old", "new"),
    [("a\nb\nc\n", "a\nc\n"), ("a", "a\nb\n"), ("", "x\n"), ("a\r\nb", "a\r\nc"), ("a\n", "a\n")],
)
def test_edits_lead_from_old_to_new(old: str, new: str) -> None:
    assert changed(old, edits(old, new)) == new
