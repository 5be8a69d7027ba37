"""Files, locks, processes, cores, devices, downloads: what any program needs, nothing of networks."""
