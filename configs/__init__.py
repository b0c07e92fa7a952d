"""Config files that are installed with newsbeam; a package, so that they are found."""
