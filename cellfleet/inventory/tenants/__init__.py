"""Who lives where: the tenant file that `tenants.file` names.

A CSV file (UTF-8, one row a line, optionally gzipped) with a header that names its columns, in any order:

| column | of a tenant | of an alias |
|---|---|---|
| `id` | its unchanging id: up to 63 letters, digits, `-` and `_`, the first a letter or digit | empty |
| `slug` | its name in hosts and paths: a lower-case DNS label | a further name for a tenant |
| `cell` | the cell that it lives in | empty |
| `group` | optional, in the form of an id: tenants of one group are spread over cells | empty |
| `requests_per_second` | its peak, finite, 0 or more | empty |
| `storage_gib` | what it stores, finite, 0 or more | empty |
| `alias_of` | empty | the slug of the tenant that it leads to; not another alias |
| `expires` | empty | the last day on which it leads there, `YYYY-MM-DD` |

The last two columns are left out of a file with no aliases. Ids are unique; so are slugs, those of aliases among them.

`read.read` gives `columns.Tenants` and everything that is wrong (`rules`). A million rows are normal: `blocks` reads a
few megabytes at a time, `checks` are vectorised, and only what pyarrow cannot read is looked at line by line (`lines`).
This package itself imports no pyarrow, for a fleet that lists no tenants need not wait for it.

Tenants are customers, and a finding may end in a public build log: it names line and column, and quotes the start of a
value only where that is not of the right form or names no cell.
"""
