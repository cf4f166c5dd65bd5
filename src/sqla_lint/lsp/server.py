"""The language server: diagnostics on change, fixes and suppressions as code actions, hover."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname
from uuid import uuid4

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from sqla_lint.docs import registry
from sqla_lint.finding import Applicability, Finding
from sqla_lint.fix.silence import silenced
from sqla_lint.lsp.convert import diagnostic, edits, lines_of, place_of, span_range
from sqla_lint.lsp.folder import Folder, fixable
from sqla_lint.lsp.hover import kind_at
from sqla_lint.settings import FILE_NAMES, SettingsError
from sqla_lint.version import __version__

# A finding while a word is half typed helps nobody; this long without a key is a pause.
PAUSE = 0.2  # seconds
FIX_ALL = "source.fixAll.sqla-lint"


@dataclass(slots=True)
class Open:
    """An open document: its last text that could be parsed, and the findings there."""

    text: str
    findings: tuple[Finding, ...]


class Server(LanguageServer):
    """The server and what it knows of the workspace."""

    def __init__(self) -> None:
        super().__init__("sqla-lint", __version__)
        self.folders: list[Folder] = []
        self.documents: dict[str, Open] = {}
        self.waiting: dict[str, asyncio.Task[None]] = {}

    def folder_of(self, path: str) -> Folder:
        """The innermost workspace folder of a file; its own folder when it lies in none."""
        holding = [folder for folder in self.folders if folder.holds(path)]
        if holding:
            return max(holding, key=lambda folder: len(folder.root.parts))
        folder = Folder(Path(path).parent)
        self.load(folder)
        self.folders.append(folder)
        return folder

    def load(self, folder: Folder) -> None:
        """Read and link a folder, and show how far it is."""
        token = str(uuid4())
        shown = 0

        def progress(done: int, total: int) -> None:
            nonlocal shown
            percentage = 100 * done // total
            if percentage > shown:
                shown = percentage
                report = types.WorkDoneProgressReport(percentage=percentage)
                self.work_done_progress.report(token, report)

        wanted = self.client_capabilities.window
        shows = wanted is not None and bool(wanted.work_done_progress)
        if shows:
            self.work_done_progress.create(token)
            begin = types.WorkDoneProgressBegin(title=f"sqla-lint: {folder.root.name}")
            self.work_done_progress.begin(token, begin)
        try:
            folder.load(progress if shows else None)
        except SettingsError as error:
            self.window_show_message(
                types.ShowMessageParams(types.MessageType.Error, f"sqla-lint: {error}")
            )
        finally:
            if shows:
                self.work_done_progress.end(token, types.WorkDoneProgressEnd())

    def check(self, uri: str) -> None:
        """Lint a document as the editor holds it, and publish what is found."""
        document = self.workspace.get_text_document(uri)
        text = document.source
        path = path_of(uri)
        found = self.folder_of(path).findings(path, text, self.texts())
        if found is None:  # in the middle of an edit: what was found before stays
            return
        self.documents[uri] = Open(text, found)
        lines = lines_of(text)
        self.text_document_publish_diagnostics(
            types.PublishDiagnosticsParams(
                uri,
                [diagnostic(finding, uri, lines) for finding in found],
                version=document.version,
            )
        )

    def texts(self) -> dict[str, str]:
        """The last text of each open file that could be parsed."""
        return {path_of(uri): document.text for uri, document in self.documents.items()}

    async def check_after_pause(self, uri: str) -> None:
        """`check`, once no further change has come for a while."""
        await asyncio.sleep(PAUSE)
        self.waiting.pop(uri, None)
        self.check(uri)


def path_of(uri: str) -> str:
    """The path that a ``file:`` URI names."""
    return url2pathname(unquote(urlparse(uri).path))


server = Server()


@server.feature(types.INITIALIZED)
def initialized(ls: Server, params: types.InitializedParams) -> None:
    for folder in ls.workspace.folders.values():
        added = Folder(Path(path_of(folder.uri)))
        ls.load(added)
        ls.folders.append(added)
    for uri in list(ls.workspace.text_documents):
        ls.check(uri)


@server.feature(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS)
def folders_changed(ls: Server, params: types.DidChangeWorkspaceFoldersParams) -> None:
    gone = {Path(path_of(folder.uri)) for folder in params.event.removed}
    ls.folders = [folder for folder in ls.folders if folder.root not in gone]
    for folder in params.event.added:
        added = Folder(Path(path_of(folder.uri)))
        ls.load(added)
        ls.folders.append(added)


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    ls.check(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
async def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    uri = params.text_document.uri
    earlier = ls.waiting.pop(uri, None)
    if earlier is not None:
        earlier.cancel()
    ls.waiting[uri] = asyncio.create_task(ls.check_after_pause(uri))


@server.feature(types.TEXT_DOCUMENT_DID_SAVE)
def saved(ls: Server, params: types.DidSaveTextDocumentParams) -> None:
    """The saved file may be what others rest on: every open one is looked at again."""
    if Path(path_of(params.text_document.uri)).name in FILE_NAMES:
        for folder in ls.folders:
            ls.load(folder)
    for uri in [params.text_document.uri, *ls.documents]:
        if uri.endswith(".py"):
            ls.check(uri)


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    uri = params.text_document.uri
    ls.documents.pop(uri, None)
    waiting = ls.waiting.pop(uri, None)
    if waiting is not None:
        waiting.cancel()
    ls.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION,
    types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix, FIX_ALL], resolve_provider=False
    ),
)
def code_actions(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    uri = params.text_document.uri
    known = ls.documents.get(uri)
    if known is None or known.text != ls.workspace.get_text_document(uri).source:
        return []
    wanted = params.context.only
    actions: list[types.CodeAction] = []
    if wanted is None or _wants(wanted, types.CodeActionKind.QuickFix):
        lines = lines_of(known.text)
        for finding in known.findings:
            if finding.span is None:
                continue
            place = span_range(lines, finding.span)
            if place.start.line <= params.range.end.line and (
                params.range.start.line <= place.end.line
            ):
                actions += _quick_fixes(ls, uri, known.text, finding, lines)
    if (wanted is None or _wants(wanted, FIX_ALL)) and fixable(known.findings):
        new = ls.folder_of(path_of(uri)).fixed(path_of(uri), known.text, None, unsafe=False)
        if new is not None:
            title = "sqla-lint: apply all safe fixes"
            actions.append(_action(title, FIX_ALL, uri, known.text, new))
    return actions


def _wants(only: Sequence[types.CodeActionKind | str], kind: str) -> bool:
    return any(kind == one or kind.startswith(f"{one}.") for one in map(_value, only))


def _value(kind: types.CodeActionKind | str) -> str:
    return kind.value if isinstance(kind, types.CodeActionKind) else kind


def _quick_fixes(
    ls: Server, uri: str, text: str, finding: Finding, lines: list[str]
) -> list[types.CodeAction]:
    told = [diagnostic(finding, uri, lines)]
    actions: list[types.CodeAction] = []
    rewrite = finding.rewrite
    if rewrite is not None and rewrite.applicability is not Applicability.DISPLAY:
        path = path_of(uri)
        new = ls.folder_of(path).fixed(path, text, finding, unsafe=True)
        if new is not None:
            safe = rewrite.applicability is Applicability.SAFE
            title = f"{finding.code}: {rewrite.message}" + ("" if safe else " (look it over)")
            action = _action(title, types.CodeActionKind.QuickFix, uri, text, new)
            action.is_preferred = safe
            action.diagnostics = told
            actions.append(action)
    if finding.at < 0:  # about a comment: another one would not help
        return actions
    quiet = silenced(text, [finding])
    title = f"{finding.code}: silence with # noqa"
    action = _action(title, types.CodeActionKind.QuickFix, uri, text, quiet)
    action.diagnostics = told
    return [*actions, action]


def _action(
    title: str, kind: types.CodeActionKind | str, uri: str, old: str, new: str
) -> types.CodeAction:
    edit = types.WorkspaceEdit(changes={uri: edits(old, new)})
    return types.CodeAction(title, kind=kind, edit=edit)


@server.feature(types.TEXT_DOCUMENT_HOVER)
def hover(ls: Server, params: types.HoverParams) -> types.Hover | None:
    """What a rule says, over a finding of it; elsewhere what the expression there is."""
    known = ls.documents.get(params.text_document.uri)
    if known is None:
        return None
    lines = lines_of(known.text)
    for finding in known.findings:
        if finding.span is None:
            continue
        place = span_range(lines, finding.span)
        if place.start <= params.position <= place.end:
            info = registry()[finding.code]
            text = f"**{info.code} {info.name}**\n\n{info.doc}"
            return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, text), place)
    path = path_of(params.text_document.uri)
    program = ls.folder_of(path).program(path)
    line, column = place_of(lines, params.position)
    said = program and kind_at(program, path, known.text, line, column)
    return types.Hover(types.MarkupContent(types.MarkupKind.Markdown, said)) if said else None


def main() -> None:
    """Serve on standard input and output until the editor leaves."""
    server.start_io()
