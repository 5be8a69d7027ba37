"""Running commands in folders: one after another, several at a time on this machine, on SLURM, or on a Ray cluster."""
