"""The registry as other programs read it: one module a format, each `emit(fleet, locality, ...)` to files by name.

Names are relative and the content is the same bytes for the same fleet. What a format cannot say stands at the top of
its module.
"""
