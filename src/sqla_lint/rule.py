"""What a rule is made of: `@rule`, the view it subscribes to, and the reports it yields.

The only module of ours that a rule imports. The annotation of a rule's first parameter names the
view it wants (`Function`, `Call`, `Model`, …); a rule is one generator without state.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple, TypeAlias

from sqla_lint import sqltext
from sqla_lint.catalog import drivers, frameworks, kinds
from sqla_lint.catalog.drivers import Problem, url_problem
from sqla_lint.catalog.protocols import (
    AUTOCOMMIT_LATER,
    BEGIN_BLOCK,
    BEGIN_ONCE,
    BEGUN_BLOCK,
    BEGUN_ONCE,
    CONNECTION_AFTER_CLOSE,
    CONNECTION_LIFETIME,
    CUT_IN_TWO,
    EARLIER_WORK,
    FAILED_BY_FLUSH,
    FAILED_SESSION,
    FAILED_STATEMENT,
    FAILING_UNIT,
    HANDED_OUT,
    LEGACY_CONNECTION_LIFETIME,
    LENT_AND_HELD,
    NOTHING_TO_END,
    OPEN_WHILE_WAITING,
    OWN_FAILED_BY_FLUSH,
    OWN_FAILED_SESSION,
    READ_ONCE,
    SENT_TOO_EARLY,
    SESSION_AFTER_CLOSE,
    SESSION_BEGIN_ONCE,
    SESSION_LIFETIME,
    TWO_UNITS,
    UNIT_AS_TOLD,
    UNIT_OF_WORK,
    UNREAD_OUT,
    UNSEEN,
    Protocol,
    closed_by_hand,
    worked_on_elsewhere,
)
from sqla_lint.catalog.waiting import SOCKETS
from sqla_lint.finding import (
    Applicability,
    Confidence,
    Delete,
    Drop,
    Edit,
    Enclose,
    Import,
    Insert,
    Rename,
    Replace,
    Respell,
    Rewrite,
    Severity,
    Span,
    Unbracket,
)
from sqla_lint.flow.effects import statement_event
from sqla_lint.flow.root import Root
from sqla_lint.flow.solve import End, Solution, Trail
from sqla_lint.flow.uses import Use
from sqla_lint.ir import Arg, Const, Op, Operand, Ref
from sqla_lint.project.kind import FOREIGN, NAME, Kind
from sqla_lint.project.mapping import Attribute, Column, Relationship, Table
from sqla_lint.project.mapping import Model as Mapped
from sqla_lint.project.models import backref_name, column_names, same_table, target_name
from sqla_lint.project.moments import knows_zone
from sqla_lint.project.values import Value
from sqla_lint.rewrites import enclosed, ends_by_object, receiver
from sqla_lint.subscription import (
    EVERYTHING,
    EXECUTING,
    IN_TRANSACTIONS,
    IN_UNITS,
    SENDING,
    On,
    calls,
    functions_with,
    of_database,
    operations,
)
from sqla_lint.views import (
    KEYS,
    REMOVED_KEYS,
    Access,
    Call,
    Comments,
    Compare,
    Deletion,
    Function,
    LoopRead,
    Model,
    Mutation,
    Note,
    Operation,
    Orphan,
    Parameters,
    Pasted,
    Project,
    SqlText,
    Unusable,
    accesses,
    accesses_of_factory,
    added_column,
    aggregate_among,
    aggregate_in,
    annotation_names,
    asks_for,
    becomes_key,
    begins_by_hand,
    begins_when_told,
    begun_in_vain,
    bound,
    bypasses,
    caught_at,
    changes_of_others,
    commit_fails_unguarded,
    commits_last,
    database_urls,
    dynamic_attribute,
    dynamic_value,
    eager_option,
    elements,
    empty_criteria_of,
    engine_options,
    expired_by,
    factory_of,
    first_by_mark,
    flask_db_name,
    given,
    given_sessions,
    handed_statement,
    handled,
    has_app,
    has_attribute,
    initialised,
    instances,
    is_copied,
    is_display,
    is_empty,
    is_expression,
    is_given_to_guard,
    is_gone,
    is_guarded,
    is_in_begin,
    is_initialised,
    is_mysql,
    is_never_initialised,
    is_of_before,
    is_of_one_unit,
    is_reported_at_factory,
    is_silent_rollback,
    is_suppressed,
    joined_before,
    keys_of_row,
    keys_set,
    lazy_loads_in_loops,
    library_name,
    listens_for,
    literal,
    lost_mutations,
    made_by,
    makes_app,
    makes_engine,
    may_be_mysql,
    may_be_own,
    may_be_sqlite,
    migrates,
    migration,
    misspelt_key,
    model_of,
    models_used,
    near,
    needs_value,
    only_binding,
    operations_of,
    option_problems,
    option_text,
    optional,
    orphans,
    other_writes,
    outlives,
    outside_context,
    pasted_between,
    python_hybrid,
    reads_attribute,
    removed_member,
    removed_name,
    rolls_back_in_handler,
    rolls_back_otherwise,
    sending_calls,
    shares_sqlite,
    sql_text,
    sqlalchemy_name,
    statements_behind,
    texts,
    turns,
    unconnected,
    unrooted_options,
    unseen_models,
    unusable_annotations,
    url_parts,
    way_of,
    without_context,
    without_metadata,
    writes_alone,
)
from sqla_lint.views.afterwards import is_kept_on, is_used_later
from sqla_lint.views.alonechanged import Alone, changed_alone, never_written
from sqla_lint.views.amongrows import among_rows
from sqla_lint.views.answers import answer
from sqla_lint.views.anyclass import columns_of_any
from sqla_lint.views.apart import apart, read_apart, written_by_helpers
from sqla_lint.views.appsessions import kept_for_all
from sqla_lint.views.aroundsavepoints import AroundSavepoint, around_savepoints
from sqla_lint.views.askeditems import asked_items
from sqla_lint.views.autocommitted import may_autocommit
from sqla_lint.views.autoflush import queries_flush
from sqla_lint.views.beside import Handed, Handle, Work, made_of_module
from sqla_lint.views.blocking import Blocking, blocking, shares_its_loop
from sqla_lint.views.builders import acts
from sqla_lint.views.bydefault import default_of
from sqla_lint.views.carried import Carried, carried, put_together
from sqla_lint.views.chains import calls_between
from sqla_lint.views.closedanyway import is_closed_anyway
from sqla_lint.views.cold import is_cold
from sqla_lint.views.collections import joins_collection
from sqla_lint.views.columns import not_columns
from sqla_lint.views.columntypes import is_never_boolean
from sqla_lint.views.company import has_company
from sqla_lint.views.conflicts import UPSERTS, upsert_troubles
from sqla_lint.views.conjunctions import leaves_out_null
from sqla_lint.views.cookies import baked, sent_to_redis
from sqla_lint.views.coroutines import awaited_chains, unawaited
from sqla_lint.views.counters import LostUpdate, lost_updates
from sqla_lint.views.declared import declared_criteria
from sqla_lint.views.decorating import is_handed_to_decorated
from sqla_lint.views.dependence import Split, split_units
from sqla_lint.views.dependencies import begun_by
from sqla_lint.views.disposing import callers_dispose
from sqla_lint.views.drainedloops import drained_loops
from sqla_lint.views.dryruns import writes_nothing
from sqla_lint.views.emptied import empties_registries
from sqla_lint.views.ending import ends_after, ends_with_process
from sqla_lint.views.entered import left_when_raised, made_by_block
from sqla_lint.views.environments import begun_before_migrations
from sqla_lint.views.escaping import escaping, escaping_entities
from sqla_lint.views.evaluated import Unevaluable, unevaluable
from sqla_lint.views.exactness import inexact
from sqla_lint.views.flask import Initialised
from sqla_lint.views.forks import across_fork
from sqla_lint.views.foundthere import is_found_first
from sqla_lint.views.generators import returned_generators
from sqla_lint.views.guardedcommits import guarded_commits
from sqla_lint.views.halfread import half_read, streamed
from sqla_lint.views.handedover import read_later
from sqla_lint.views.handlers import closes_on_failure, risky_part
from sqla_lint.views.hearsay import is_hearsay, is_only_annotated
from sqla_lint.views.helpers import LostToHelper, lost_to_helper
from sqla_lint.views.holding import (
    held_name,
    injected_inside,
    made_inside,
    session_of_helpers,
)
from sqla_lint.views.hybrid import hybrids_of_any
from sqla_lint.views.identity import Relock, StaleRead, relocks, stale_reads
from sqla_lint.views.indexed import indexed
from sqla_lint.views.innerchanges import inner_changes
from sqla_lint.views.inpassing import only_in_passing
from sqla_lint.views.isolation import left_open, rolled_back_only
from sqla_lint.views.joined import never_sent
from sqla_lint.views.keptrows import rows_kept
from sqla_lint.views.lentbegun import is_lent_begun
from sqla_lint.views.lentrows import mixed_reads, returned_rows
from sqla_lint.views.limited import limited_before
from sqla_lint.views.listeners import WRITTEN, own_changes, unloaded_reads
from sqla_lint.views.loopstatements import InLoop, in_migration, statements_in_loops
from sqla_lint.views.makings import (
    is_always_given,
    is_left_out,
    is_never_left_out,
    is_queried,
    objects_made,
    rows_written,
    updates,
)
from sqla_lint.views.managed import joins_transactions
from sqla_lint.views.mergedkept import merged_and_kept
from sqla_lint.views.mergedthere import merged_there
from sqla_lint.views.mismatch import Mismatch, mismatches
from sqla_lint.views.missing_methods import missing_method
from sqla_lint.views.moments import mixed_moments
from sqla_lint.views.moves import behind_commit, behind_loop, into_try
from sqla_lint.views.multiplied import multiplied
from sqla_lint.views.nested import uncorrelated
from sqla_lint.views.nulls import MayBeNull, is_never_null, null_in_subquery
from sqla_lint.views.onebyone import one_by_one
from sqla_lint.views.orders import ordered_before
from sqla_lint.views.origins import merged, needless, taken
from sqla_lint.views.otherwise import is_claimed, may_be_none
from sqla_lint.views.outerjoined import made_inner
from sqla_lint.views.owndialects import registers_dialect
from sqla_lint.views.past import Past, past_listeners
from sqla_lint.views.patterns import Url, written_holes
from sqla_lint.views.pending import commits_nothing, was_pending
from sqla_lint.views.placeholders import in_order, named, text_literal
from sqla_lint.views.polling import polled
from sqla_lint.views.project import MetadataUse
from sqla_lint.views.pushed import context_ends
from sqla_lint.views.putback import put_back
from sqla_lint.views.putby import is_put_by
from sqla_lint.views.pyramid import is_left_open
from sqla_lint.views.rawstrings import RAW_STRING_RUNNERS, RAW_STRING_RUNS, raw_string
from sqla_lint.views.readatonce import is_read_at_once
from sqla_lint.views.reattached import only_reattached
from sqla_lint.views.refreshing import refreshed_after
from sqla_lint.views.registered import registered_twice
from sqla_lint.views.relent import relent
from sqla_lint.views.retried import retried
from sqla_lint.views.rowpages import pages_of_rows
from sqla_lint.views.scalars import unpacked_scalars
from sqla_lint.views.scopecommits import is_removed_for_units, unguarded_scopes
from sqla_lint.views.scripts import ends_with_command, fails_once, is_command
from sqla_lint.views.selfjoins import joined_to_itself
from sqla_lint.views.sendings import messages
from sqla_lint.views.senttexts import sent_texts
from sqla_lint.views.sharedplaces import made_of_object, used_by
from sqla_lint.views.sharing import Shared
from sqla_lint.views.sharing import by_tasks as shared_by_tasks
from sqla_lint.views.sharing import by_threads as shared_by_threads
from sqla_lint.views.shown import only_shown
from sqla_lint.views.sifting import deleted_rows, sifted_rows
from sqla_lint.views.singles import loads_of_singles
from sqla_lint.views.spared import comes_to_the_same
from sqla_lint.views.sql import (
    commits_ddl,
    is_for_postgres,
    may_be_postgres,
    passed_kinds,
    refuses_tuples,
    refuses_zones,
    run_texts,
)
from sqla_lint.views.stacks import stacked
from sqla_lint.views.stored import left_on_request
from sqla_lint.views.straycommas import stray_commas
from sqla_lint.views.streaming import Portions, portions
from sqla_lint.views.tableargs import lost_constraints
from sqla_lint.views.takenalong import taken_along
from sqla_lint.views.tasks import keeps_tasks
from sqla_lint.views.templates import template_of
from sqla_lint.views.testrows import rows_left
from sqla_lint.views.threadloads import loaded_by_threads
from sqla_lint.views.toldtexts import only_told, told_writes
from sqla_lint.views.translated import called_again
from sqla_lint.views.truths import (
    Undefined,
    asked_parameters,
    made_note,
    sql_behind,
)
from sqla_lint.views.undone import Undone, undone
from sqla_lint.views.unevenrows import uneven_rows
from sqla_lint.views.unfilled import asked_in_vain
from sqla_lint.views.unflushed import read_too_early
from sqla_lint.views.uninjected import left_out
from sqla_lint.views.unique import finds_one
from sqla_lint.views.units import is_handed_in, may_be_committed
from sqla_lint.views.unmapped import mapped_nowhere
from sqla_lint.views.unparsable import Unparsable
from sqla_lint.views.unreached import is_never_reached
from sqla_lint.views.unstarted import is_never_started, is_started
from sqla_lint.views.unused import is_never_loaded, is_never_made
from sqla_lint.views.unwritten import is_unwritten
from sqla_lint.views.versions import decides_by_version, is_for_another, of_every_version
from sqla_lint.views.waits import waiting_calls

__all__ = [
    "AUTOCOMMIT_LATER",
    "BEGIN_BLOCK",
    "BEGIN_ONCE",
    "BEGUN_BLOCK",
    "BEGUN_ONCE",
    "CONNECTION_AFTER_CLOSE",
    "CONNECTION_LIFETIME",
    "CUT_IN_TWO",
    "EARLIER_WORK",
    "EVERYTHING",
    "EXECUTING",
    "FAILED_BY_FLUSH",
    "FAILED_SESSION",
    "FAILED_STATEMENT",
    "FAILING_UNIT",
    "FOREIGN",
    "HANDED_OUT",
    "IN_TRANSACTIONS",
    "IN_UNITS",
    "KEYS",
    "LEGACY_CONNECTION_LIFETIME",
    "LENT_AND_HELD",
    "NAME",
    "NOTHING_TO_END",
    "OPEN_WHILE_WAITING",
    "OWN_FAILED_BY_FLUSH",
    "OWN_FAILED_SESSION",
    "RAW_STRING_RUNNERS",
    "RAW_STRING_RUNS",
    "READ_ONCE",
    "REMOVED_KEYS",
    "SENDING",
    "SENT_TOO_EARLY",
    "SESSION_AFTER_CLOSE",
    "SESSION_BEGIN_ONCE",
    "SESSION_LIFETIME",
    "SOCKETS",
    "TWO_UNITS",
    "UNIT_AS_TOLD",
    "UNIT_OF_WORK",
    "UNREAD_OUT",
    "UNSEEN",
    "UPSERTS",
    "WRITTEN",
    "Access",
    "Alone",
    "Applicability",
    "Arg",
    "AroundSavepoint",
    "Attribute",
    "Blocking",
    "Call",
    "Carried",
    "Column",
    "Comments",
    "Compare",
    "Confidence",
    "Const",
    "Delete",
    "Deletion",
    "Drop",
    "Edit",
    "Enclose",
    "End",
    "Function",
    "Group",
    "Handed",
    "Handle",
    "Import",
    "InLoop",
    "Initialised",
    "Insert",
    "Kind",
    "LoopRead",
    "LostToHelper",
    "LostUpdate",
    "Mapped",
    "MayBeNull",
    "MetadataUse",
    "Mismatch",
    "Model",
    "Mutation",
    "Note",
    "Op",
    "Operand",
    "Operation",
    "Orphan",
    "Parameters",
    "Past",
    "Pasted",
    "Portions",
    "Problem",
    "Project",
    "Protocol",
    "Ref",
    "Relationship",
    "Relock",
    "Rename",
    "Replace",
    "Report",
    "Respell",
    "Rewrite",
    "Root",
    "Severity",
    "Shared",
    "Solution",
    "Split",
    "SqlText",
    "StaleRead",
    "Table",
    "Trail",
    "Unbracket",
    "Undefined",
    "Undone",
    "Unevaluable",
    "Unparsable",
    "Unusable",
    "Url",
    "Use",
    "Value",
    "Work",
    "accesses",
    "accesses_of_factory",
    "across_fork",
    "acts",
    "added_column",
    "aggregate_among",
    "aggregate_in",
    "among_rows",
    "annotation_names",
    "answer",
    "apart",
    "around_savepoints",
    "asked_in_vain",
    "asked_items",
    "asked_parameters",
    "asks_for",
    "awaited_chains",
    "backref_name",
    "baked",
    "becomes_key",
    "begins_by_hand",
    "begins_when_told",
    "begun_before_migrations",
    "begun_by",
    "begun_in_vain",
    "behind_commit",
    "behind_loop",
    "blocking",
    "bound",
    "bypasses",
    "called_again",
    "callers_dispose",
    "calls",
    "calls_between",
    "carried",
    "caught_at",
    "changed_alone",
    "changes_of_others",
    "closed_by_hand",
    "closes_on_failure",
    "column_names",
    "columns_of_any",
    "comes_to_the_same",
    "commit_fails_unguarded",
    "commits_ddl",
    "commits_last",
    "commits_nothing",
    "context_ends",
    "database_urls",
    "decides_by_version",
    "declared_criteria",
    "default_of",
    "deleted_rows",
    "drained_loops",
    "drivers",
    "dynamic_attribute",
    "dynamic_value",
    "eager_option",
    "elements",
    "empties_registries",
    "empty_criteria_of",
    "enclosed",
    "ends_after",
    "ends_by_object",
    "ends_with_command",
    "ends_with_process",
    "engine_options",
    "escaping",
    "escaping_entities",
    "expired_by",
    "factory_of",
    "fails_once",
    "finds_one",
    "first_by_mark",
    "flask_db_name",
    "frameworks",
    "functions_with",
    "given",
    "given_sessions",
    "guarded_commits",
    "half_read",
    "handed_statement",
    "handled",
    "has_app",
    "has_attribute",
    "has_company",
    "held_name",
    "hybrids_of_any",
    "in_migration",
    "in_order",
    "indexed",
    "inexact",
    "initialised",
    "injected_inside",
    "inner_changes",
    "instances",
    "into_try",
    "is_always_given",
    "is_claimed",
    "is_closed_anyway",
    "is_cold",
    "is_command",
    "is_copied",
    "is_display",
    "is_empty",
    "is_expression",
    "is_for_another",
    "is_for_postgres",
    "is_found_first",
    "is_given_to_guard",
    "is_gone",
    "is_guarded",
    "is_handed_in",
    "is_handed_to_decorated",
    "is_hearsay",
    "is_in_begin",
    "is_initialised",
    "is_kept_on",
    "is_left_open",
    "is_left_out",
    "is_lent_begun",
    "is_mysql",
    "is_never_boolean",
    "is_never_initialised",
    "is_never_left_out",
    "is_never_loaded",
    "is_never_made",
    "is_never_null",
    "is_never_reached",
    "is_never_started",
    "is_of_before",
    "is_of_one_unit",
    "is_only_annotated",
    "is_put_by",
    "is_queried",
    "is_read_at_once",
    "is_removed_for_units",
    "is_reported_at_factory",
    "is_silent_rollback",
    "is_started",
    "is_suppressed",
    "is_unwritten",
    "is_used_later",
    "joined_before",
    "joined_to_itself",
    "joins_collection",
    "joins_transactions",
    "keeps_tasks",
    "kept_for_all",
    "keys_of_row",
    "keys_set",
    "kinds",
    "knows_zone",
    "lazy_loads_in_loops",
    "leaves_out_null",
    "left_on_request",
    "left_open",
    "left_out",
    "left_when_raised",
    "library_name",
    "limited_before",
    "listens_for",
    "literal",
    "loaded_by_threads",
    "loads_of_singles",
    "lost_constraints",
    "lost_mutations",
    "lost_to_helper",
    "lost_updates",
    "made_by",
    "made_by_block",
    "made_inner",
    "made_inside",
    "made_note",
    "made_of_module",
    "made_of_object",
    "makes_app",
    "makes_engine",
    "mapped_nowhere",
    "may_autocommit",
    "may_be_committed",
    "may_be_mysql",
    "may_be_none",
    "may_be_own",
    "may_be_postgres",
    "may_be_sqlite",
    "merged",
    "merged_and_kept",
    "merged_there",
    "messages",
    "migrates",
    "migration",
    "mismatches",
    "missing_method",
    "misspelt_key",
    "mixed_moments",
    "mixed_reads",
    "model_of",
    "models_used",
    "multiplied",
    "named",
    "near",
    "needless",
    "needs_value",
    "never_sent",
    "never_written",
    "not_columns",
    "null_in_subquery",
    "objects_made",
    "of_database",
    "of_every_version",
    "one_by_one",
    "only_binding",
    "only_in_passing",
    "only_reattached",
    "only_shown",
    "only_told",
    "operations",
    "operations_of",
    "option_problems",
    "option_text",
    "optional",
    "ordered_before",
    "orphans",
    "other_writes",
    "outlives",
    "outside_context",
    "own_changes",
    "pages_of_rows",
    "passed_kinds",
    "past_listeners",
    "pasted_between",
    "polled",
    "portions",
    "put_back",
    "put_together",
    "python_hybrid",
    "queries_flush",
    "raw_string",
    "read_apart",
    "read_later",
    "read_too_early",
    "reads_attribute",
    "receiver",
    "refreshed_after",
    "refuses_tuples",
    "refuses_zones",
    "registered_twice",
    "registers_dialect",
    "relent",
    "relocks",
    "removed_member",
    "removed_name",
    "retried",
    "returned_generators",
    "returned_rows",
    "risky_part",
    "rolled_back_only",
    "rolls_back_in_handler",
    "rolls_back_otherwise",
    "rows_kept",
    "rows_left",
    "rows_written",
    "rule",
    "run_texts",
    "same_table",
    "sending_calls",
    "sent_texts",
    "sent_to_redis",
    "session_of_helpers",
    "shared_by_tasks",
    "shared_by_threads",
    "shares_its_loop",
    "shares_sqlite",
    "sifted_rows",
    "split_units",
    "sql_behind",
    "sql_text",
    "sqlalchemy_name",
    "sqltext",
    "stacked",
    "stale_reads",
    "statement_event",
    "statements_behind",
    "statements_in_loops",
    "stray_commas",
    "streamed",
    "taken",
    "taken_along",
    "target_name",
    "template_of",
    "text_literal",
    "texts",
    "told_writes",
    "turns",
    "unawaited",
    "unconnected",
    "uncorrelated",
    "undone",
    "unevaluable",
    "uneven_rows",
    "unguarded_scopes",
    "unloaded_reads",
    "unpacked_scalars",
    "unrooted_options",
    "unseen_models",
    "unusable_annotations",
    "updates",
    "upsert_troubles",
    "url_parts",
    "url_problem",
    "used_by",
    "waiting_calls",
    "was_pending",
    "way_of",
    "without_context",
    "without_metadata",
    "worked_on_elsewhere",
    "writes_alone",
    "writes_nothing",
    "written_by_helpers",
    "written_holes",
]

Group: TypeAlias = Literal["on", "pedantic", "preview"]
Fixes: TypeAlias = Literal["safe", "unsafe", "display", "none"]


class Report(NamedTuple):
    """What a rule yields for one defect."""

    at: Ref
    message: str
    help: str = ""
    steps: tuple[Note, ...] = ()
    rewrite: Rewrite | None = None
    confidence: Confidence = Confidence.PLAIN
    group: Group | None = None  # when it differs from the rule's
    subject: Ref | None = None  # where the object was made: one defect of it is one finding
    path: str = ""  # the file, when it is not that of the function or class at hand
    span: Span | None = None  # the place of what has no ref: a comment


View: TypeAlias = Function | Call | Compare | Operation | Model | Project | Comments | Unparsable
Check: TypeAlias = Callable[..., Iterator[Report]]
_VIEWS = {
    "Function": Function,
    "Call": Call,
    "Compare": Compare,
    "Operation": Operation,
    "Model": Model,
    "Project": Project,
    "Comments": Comments,
    "Unparsable": Unparsable,
}


# --- registry ----------------------------------------------------------------------------------

HEADINGS = (
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "Fix safety",
    "Versions",
    "Limits",
    "References",
)


@dataclass(frozen=True)
class RuleInfo:
    """A registered rule."""

    code: str
    name: str
    group: Group
    severity: Severity
    fix: Fixes
    versions: str
    written: str = field(repr=False)  # the docstring as it stands in the source
    view: str
    check: Check = field(repr=False)
    on: On = EVERYTHING
    also: RuleInfo | None = None  # the same rule, where it looks at a second view
    convention: bool = False  # many in one file are one decision: see `conventions`

    @cached_property
    def doc(self) -> str:
        """What the rule does, and why, in Markdown."""
        return inspect.cleandoc(self.written)

    @property
    def summary(self) -> str:
        """The first line of that."""
        return self.written.lstrip().partition("\n")[0]


_RULES: dict[str, RuleInfo] = {}


class RuleError(Exception):
    """A rule is declared wrongly: says which and how."""


def rule(
    code: str,
    name: str,
    *,
    group: Group = "on",
    severity: Severity = Severity.WARNING,
    fix: Fixes = "none",
    versions: str = "1.4, 2.0, 2.1",
    on: On = EVERYTHING,
    also: tuple[Check, On] | None = None,
    convention: bool = False,
) -> Callable[[Check], Check]:
    """Register a rule. Refuses a duplicate code or name, an unknown view, a missing heading.

    ``on`` says which operations of its view the rule looks at, and in which functions: see
    `subscription`. ``also`` is a second check of the same rule, for another view. Of a
    ``convention`` many findings in one file, or in many files, are told as one a file.
    """

    def register(check: Check) -> Check:
        where = f"{check.__module__}.{check.__qualname__}"
        if not re.fullmatch(r"SAL\d{3}", code):
            raise RuleError(f"{where}: {code!r} is not SAL and three digits")
        for known in _RULES.values():
            if code == known.code or name == known.name:
                raise RuleError(f"{where}: {code} {name} is already {known.code} {known.name}")
        view = _view(check, where)
        doc = check.__doc__ or ""
        missing = [h for h in HEADINGS if f"## {h}" not in doc]
        if missing:
            raise RuleError(f"{where}: its docstring lacks {', '.join(missing)}")
        info = RuleInfo(
            code, name, group, severity, fix, versions, doc, view, check, on, None, convention
        )
        if also is not None:
            second = replace(info, view=_view(also[0], where), check=also[0], on=also[1])
            info = replace(info, also=second)
        _RULES[code] = info
        return check

    return register


def _view(check: Check, where: str) -> str:
    """The view that a check asks for: the annotation of its first parameter."""
    plain: Any = inspect.unwrap(check)  # what `inspect.signature` tells takes much longer
    names = plain.__code__.co_varnames[: plain.__code__.co_argcount]
    view = str(plain.__annotations__.get(names[0], "")) if names else ""
    if view not in _VIEWS:
        raise RuleError(f"{where}: its first parameter must be one of {sorted(_VIEWS)}")
    return view


def rules() -> dict[str, RuleInfo]:
    """The rules registered so far, by code; `import sqla_lint.rules` registers all."""
    return dict(sorted(_RULES.items()))
