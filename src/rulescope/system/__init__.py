"""What is asked of the operating system: time that runs out, processes, temporary folders, whole files."""
