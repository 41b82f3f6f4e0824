"""What a program may mend in a CSV because there is only one right answer; everything else is a curator's."""
