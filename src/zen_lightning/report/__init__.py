"""Output for people: terminal, plots, HTML."""
