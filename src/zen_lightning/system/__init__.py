"""Files, locks, processes, cores, devices and downloads: general tools that know nothing of networks."""
