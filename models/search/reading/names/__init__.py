"""What a request means by the names in it: whose songs lead, what they narrow, what is like them."""
