"""Ways to reach a source: a folder, http(s), sftp, s3."""
