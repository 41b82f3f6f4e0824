"""What a program may fix in a CSV because there is only one right answer; everything else is a curator's."""
