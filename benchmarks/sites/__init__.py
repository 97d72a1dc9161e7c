"""What is measured: this server, and those beside it. `site` is the seam; each of the others starts one of them."""
