"""How the pages become a site: ``sphinx-build -W -n docs OUT``. Warnings are errors."""

project = "sqla-lint"
extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
root_doc = "index"
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "sqla-lint"
html_copy_source = False
html_show_copyright = False
html_static_path = ["static"]
html_css_files = ["site.css"]
smartquotes = False  # `--fix` outside of code would lose a dash
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
nitpicky = True
