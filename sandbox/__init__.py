"""A stand-in for the four clouds' APIs, which the real Pulumi engine talks to instead of to a cloud.

One process serves the resources of all four SDKs, on one port of 127.0.0.1 an SDK. It checks arguments as a provider
would, keeps what was made in its books on disk, and answers with plausible values; it never reaches a network. What it
does not stand in for: data planes (no database answers, no pod runs) and rules across the arguments of one resource.
"""
