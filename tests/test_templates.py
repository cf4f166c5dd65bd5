"""Jinja templates: what they read of the objects that a function renders them with."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sqla_lint.project.jinja import template_reads
from sqla_lint.run import run
from sqla_lint.settings import Settings

FLASK = """
from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
db = SQLAlchemy(app)


class Author(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))


class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String(50))
    author_id = db.Column(db.ForeignKey("author.id"))
    author = db.relationship("Author", backref="posts")
    tags = db.relationship("Tag")


class Tag(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String(50))
    post_id = db.Column(db.ForeignKey("post.id"))


@app.route("/")
def index():
    {body}
"""
ASYNC = """
from fastapi import Depends, FastAPI, Request
from fastapi.templating import Jinja2Templates
from sqlalchemy import ForeignKey, create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, joinedload, mapped_column, relationship

app = FastAPI()
templates = Jinja2Templates(directory="templates")
engine = create_engine("sqlite://")
Local = async_sessionmaker(create_async_engine("sqlite+aiosqlite://"), expire_on_commit=False)


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))
    author: Mapped[Author] = relationship()


async def get_db():
    async with Local() as session:
        yield session

{body}
"""
POSTS = "{% for post in posts %}{{ post.title }} by {{ post.author.name }}{% endfor %}"


def found(folder: Path, source: str, **templates: str) -> list[str]:
    """The codes of the findings of a program with templates, by default those of posts."""
    package = folder / "app"
    (package / "templates").mkdir(parents=True)
    (package / "main.py").write_text(source)
    for name, text in (templates or {"posts": POSTS}).items():
        (package / "templates" / f"{name}.html").write_text(text)
    outcome = run([folder], Settings(target_version="2.0", root=folder))
    assert not outcome.problems, outcome.problems
    return [finding.code for finding in outcome.findings]


def reads(text: str, **others: str) -> dict[str, tuple[set[str], set[str], set[str]]]:
    """What a template surely reads, reads on some ways only, and reads in loops."""
    known = template_reads(text, others.get)
    return {name: (r.surely, r.maybe - r.surely, r.each) for name, r in known.items()}


@pytest.mark.parametrize(
    ("text", "surely", "maybe", "each"),
    [
        ("{{ post.author.name|upper }}", {"author", "author.name"}, set(), set()),
        ("{% for p in post %}{{ p.author }}{% endfor %}", {"author"}, set(), {"author"}),
        ("{% for t in post.tags %}{{ t.name }}{% endfor %}", {"tags", "tags.name"}, set(),
         {"tags", "tags.name"}),
        ("{% if post.tags %}{{ post.author.id }}{% endif %}", {"tags"}, {"author", "author.id"},
         set()),
        ("{{ post.author.name if post.author else '' }}", {"author"}, {"author.name"}, set()),
        ("{{ post.author and post.author.name }}", {"author"}, {"author.name"}, set()),
        ("{% set a = post.author %}{{ a.name }}", {"author", "author.name"}, set(), set()),
        ("{% for p in post|sort(attribute='x') %}{{ p.author }}{% endfor %}", {"author", "x"},
         set(), {"author", "x"}),
        ("{{ post|map(attribute='tag.name')|join }}", {"tag", "tag.name"}, set(),
         {"tag", "tag.name"}),
        ("{% macro row(p, n=1) %}{{ p.a }}{% endmacro %}{{ row(post) }}", {"a"}, set(), set()),
        ("{% macro row(n, p) %}{{ p.a }}{% endmacro %}{{ row(p=post) if x }}", set(), {"a"},
         set()),
        ("{% macro row(p) %}{{ p.a }}{{ q.b }}{% endmacro %}"
         "{% for q in post %}{{ row(q) }}{% endfor %}", {"a"}, set(), {"a"}),
        ("{% from 'rows' import row as show %}{{ show(post.x) }}", {"x", "x.a"}, set(), set()),
        ("{% import 'rows' as rows %}{% call rows.row(post) %}{{ post.b }}{% endcall %}",
         {"a", "b"}, set(), set()),
        ("{%- if post.a is defined -%}{%- endif -%}", {"a"}, set(), set()),
        ("{{ url_for('post', id=post.id) }}", {"id"}, set(), set()),
        ("{% raw %}{{ post.b }}{% endraw %}{{ post.a }}{# {{ post.c }} #}", {"a"}, set(), set()),
        ("{% include 'inner' %}", {"a"}, set(), set()),
        ("{% extends 'inner' %}{% block x %}{{ post.b }}{% endblock %}", {"a", "b"}, set(), set()),
    ],
)  # fmt: skip
def test_a_template_reads(text: str, surely: set[str], maybe: set[str], each: set[str]) -> None:
    rows = "{% macro row(one) %}{{ one.a }}{% endmacro %}"
    assert reads(text, inner="{{ post.a }}", rows=rows)["post"] == (surely, maybe, each)


@pytest.mark.parametrize(
    "text",
    [
        "{% macro show(post) %}{{ post.author }}{% endmacro %}",  # is not called
        "{% for post, n in pairs %}{{ post.author }}{% endfor %}",
        "{% for post in pages(3) %}{{ post.author }}{% endfor %}",
        "{% set post = none %}{{ post.author }}",
        "{{ 'post.author' }} {{ x|post }} {{ post }}",
    ],
)
def test_another_thing_of_the_name(text: str) -> None:
    assert "post" not in reads(text)


@pytest.mark.parametrize(
    "body",
    [
        'return render_template("posts.html", posts=Post.query.all())',
        "posts = Post.query.order_by(Post.id).all()\n"
        '    return render_template("posts.html", posts=posts)',
        'context = {"posts": Post.query.all()}\n'
        '    return render_template("posts.html", **context)',
    ],
)
def test_a_template_loads_object_by_object(tmp_path: Path, body: str) -> None:
    assert found(tmp_path, FLASK.format(body=body)) == ["SAL701"]


@pytest.mark.parametrize(
    "body",
    [
        "posts = Post.query.options(db.joinedload(Post.author)).all()\n"
        '    return render_template("posts.html", posts=posts)',
        'return render_template("posts.html", posts=Post.query.filter_by(author_id=1).all())',
        'return render_template("posts.html", post=Post.query.all())',  # another name
        'return render_template("other.html", posts=Post.query.all())',  # which is not there
    ],
)
def test_a_template_has_what_it_reads(tmp_path: Path, body: str) -> None:
    assert not found(tmp_path, FLASK.format(body=body))


def test_what_is_behind_one_object(tmp_path: Path) -> None:
    author = (
        "{% for post in author.posts %}{% for t in post.tags %}{{ t.name }}{% endfor %}{% endfor %}"
    )
    body = 'author = db.session.get(Author, 1)\n    return render_template("a.html", author=author)'
    assert found(tmp_path, FLASK.format(body=body), a=author) == ["SAL701"]
    few = "{% for post in author.posts %}{{ post.title }} {{ post.author.name }}{% endfor %}"
    assert not found(tmp_path / "few", FLASK.format(body=body), a=few)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            '@app.get("/")\n'
            "async def index(request: Request, db: AsyncSession = Depends(get_db)):\n"
            "    posts = (await db.scalars(select(Post))).all()\n"
            '    return templates.TemplateResponse(request, "posts.html", {"posts": posts})\n',
            "SAL803",
        ),
        (
            '@app.get("/")\n'
            "def index(request: Request):\n"
            "    with Session(engine) as session:\n"
            "        posts = session.scalars(select(Post)).all()\n"
            '    context = {"request": request, "posts": posts}\n'
            '    return templates.TemplateResponse(name="posts.html", context=context)\n',
            "SAL108",
        ),
    ],
)
def test_a_template_cannot_load(tmp_path: Path, body: str, code: str) -> None:
    source = ASYNC.replace("{body}", body)
    assert found(tmp_path, source) == [code]
    eager = source.replace("select(Post)", "select(Post).options(joinedload(Post.author))")
    assert not found(tmp_path / "eager", eager)


@pytest.mark.slow
def test_a_changed_template_is_read_again(tmp_path: Path) -> None:
    body = 'return render_template("posts.html", posts=Post.query.all())'
    found(tmp_path, FLASK.format(body=body))
    (tmp_path / "pyproject.toml").write_text("")
    page = tmp_path / "app" / "templates" / "posts.html"

    def codes() -> list[str]:
        command = [sys.executable, "-m", "sqla_lint", "check", "--output-format", "concise", "."]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        return [line.split()[1] for line in done.stdout.splitlines() if ".py:" in line]

    assert codes() == codes() == ["SAL701"]
    page.write_text("{% for post in posts %}{{ post.title }}{% endfor %}")
    assert codes() == codes() == []
    page.unlink()
    assert codes() == []
    page.write_text(POSTS)
    assert codes() == ["SAL701"]
