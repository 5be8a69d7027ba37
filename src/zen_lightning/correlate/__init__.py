"""How well proxies rank networks whose accuracy is known."""
