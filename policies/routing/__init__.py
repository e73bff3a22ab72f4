"""RTE: what a fleet's routing may not do, proved on the files that routers are given."""
