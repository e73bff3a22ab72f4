"""Every object that the programs record, judged by a real API server: `make test-kube`."""
