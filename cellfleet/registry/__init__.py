"""What a fleet tells the systems around it: records of its cells, and which cell each tenant lives in.

`record` is one cell, `snapshot` all that one locality may know, `bundle` what a store holds of it, `reader` how it is
read, and `formats` what other programs read instead. Who writes it to which cloud is `stacks` and `components`.
"""
