"""What a person sees: terminal, plots, files."""
