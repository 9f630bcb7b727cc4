"""What pages, paper and files of a plan show, as tables of one reading."""
