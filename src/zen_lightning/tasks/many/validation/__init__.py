"""``task=validate``: what is wrong with a command, all of it, before anything is started."""
