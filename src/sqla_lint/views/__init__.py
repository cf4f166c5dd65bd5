"""What a rule looks at: one module for each view."""

from __future__ import annotations

from sqla_lint.views.annotations import Unusable, unusable_annotations
from sqla_lint.views.backrefs import Orphan, orphans
from sqla_lint.views.binding import bound, literal
from sqla_lint.views.comments import Comments
from sqla_lint.views.configuration import (
    database_urls,
    given,
    library_name,
    makes_engine,
    shares_sqlite,
)
from sqla_lint.views.connected import joined_before, unconnected
from sqla_lint.views.contextless import without_context
from sqla_lint.views.deleted import Deletion
from sqla_lint.views.dynamic import dynamic_attribute, dynamic_value
from sqla_lint.views.eager import eager_option, option_text
from sqla_lint.views.empty import empty_criteria_of
from sqla_lint.views.entities import (
    Access,
    accesses,
    accesses_of_factory,
    expired_by,
    factory_of,
    is_reported_at_factory,
)
from sqla_lint.views.flask import (
    KEYS,
    REMOVED_KEYS,
    has_app,
    initialised,
    instances,
    is_gone,
    is_initialised,
    is_never_initialised,
    keys_set,
    makes_app,
    misspelt_key,
    outside_context,
)
from sqla_lint.views.function import (
    LAZY,
    Call,
    Compare,
    Function,
    Note,
    Operation,
    Parameters,
    is_expression,
    needs_it,
)
from sqla_lint.views.handedstatements import handed_statement
from sqla_lint.views.handlers import (
    commit_fails_unguarded,
    handled,
    is_of_one_unit,
    is_silent_rollback,
    rolls_back_in_handler,
    rolls_back_otherwise,
)
from sqla_lint.views.hybrid import python_hybrid
from sqla_lint.views.listeners import changes_of_others, given_sessions, listens_for
from sqla_lint.views.loops import LoopRead, lazy_loads_in_loops
from sqla_lint.views.migrations import (
    added_column,
    becomes_key,
    is_copied,
    is_empty,
    is_mysql,
    migrates,
    migration,
    models_used,
    needs_value,
    unseen_models,
    without_metadata,
)
from sqla_lint.views.model import Model, near
from sqla_lint.views.mutations import Mutation, lost_mutations
from sqla_lint.views.options import engine_options, option_problems
from sqla_lint.views.patterns import pasted_between, url_parts
from sqla_lint.views.project import Project, annotation_names, optional
from sqla_lint.views.rooted import unrooted_options
from sqla_lint.views.rows import has_attribute, keys_of_row
from sqla_lint.views.slow import sending_calls, slow_calls
from sqla_lint.views.sql import (
    Pasted,
    SqlText,
    made_by,
    may_be_mysql,
    may_be_sqlite,
    sql_text,
    statements_behind,
)
from sqla_lint.views.statements import aggregate_among, aggregate_in, texts
from sqla_lint.views.transactions import (
    begins_when_told,
    caught_at,
    commits_last,
    first_by_mark,
    is_given_to_guard,
    is_in_begin,
    is_of_before,
    is_suppressed,
    operations_of,
    reads_attribute,
)
from sqla_lint.views.units import (
    begins_by_hand,
    begun_in_vain,
    bypasses,
    other_writes,
    outlives,
    turns,
    writes_alone,
)
from sqla_lint.views.upgrade import (
    asks_for,
    elements,
    flask_db_name,
    is_display,
    is_guarded,
    may_be_own,
    model_of,
    removed_member,
    removed_name,
    sqlalchemy_name,
)
from sqla_lint.views.witnessed import way_of
from sqla_lint.views.written import only_binding

__all__ = [
    "KEYS",
    "LAZY",
    "REMOVED_KEYS",
    "Access",
    "Call",
    "Comments",
    "Compare",
    "Deletion",
    "Function",
    "LoopRead",
    "Model",
    "Mutation",
    "Note",
    "Operation",
    "Orphan",
    "Parameters",
    "Pasted",
    "Project",
    "SqlText",
    "Unusable",
    "accesses",
    "accesses_of_factory",
    "added_column",
    "aggregate_among",
    "aggregate_in",
    "annotation_names",
    "asks_for",
    "becomes_key",
    "begins_by_hand",
    "begins_when_told",
    "begun_in_vain",
    "bound",
    "bypasses",
    "caught_at",
    "changes_of_others",
    "commit_fails_unguarded",
    "commits_last",
    "database_urls",
    "dynamic_attribute",
    "dynamic_value",
    "eager_option",
    "elements",
    "empty_criteria_of",
    "engine_options",
    "expired_by",
    "factory_of",
    "first_by_mark",
    "flask_db_name",
    "given",
    "given_sessions",
    "handed_statement",
    "handled",
    "has_app",
    "has_attribute",
    "initialised",
    "instances",
    "is_copied",
    "is_display",
    "is_empty",
    "is_expression",
    "is_given_to_guard",
    "is_gone",
    "is_guarded",
    "is_in_begin",
    "is_initialised",
    "is_mysql",
    "is_never_initialised",
    "is_of_before",
    "is_of_one_unit",
    "is_reported_at_factory",
    "is_silent_rollback",
    "is_suppressed",
    "joined_before",
    "keys_of_row",
    "keys_set",
    "lazy_loads_in_loops",
    "library_name",
    "listens_for",
    "literal",
    "lost_mutations",
    "made_by",
    "makes_app",
    "makes_engine",
    "may_be_mysql",
    "may_be_own",
    "may_be_sqlite",
    "migrates",
    "migration",
    "misspelt_key",
    "model_of",
    "models_used",
    "near",
    "needs_it",
    "needs_value",
    "only_binding",
    "operations_of",
    "option_problems",
    "option_text",
    "optional",
    "orphans",
    "other_writes",
    "outlives",
    "outside_context",
    "pasted_between",
    "python_hybrid",
    "reads_attribute",
    "removed_member",
    "removed_name",
    "rolls_back_in_handler",
    "rolls_back_otherwise",
    "sending_calls",
    "shares_sqlite",
    "slow_calls",
    "sql_text",
    "sqlalchemy_name",
    "statements_behind",
    "texts",
    "turns",
    "unconnected",
    "unrooted_options",
    "unseen_models",
    "unusable_annotations",
    "url_parts",
    "way_of",
    "without_context",
    "without_metadata",
    "writes_alone",
]
