"""One module per kind of page: each gives pages, a template draws them."""
