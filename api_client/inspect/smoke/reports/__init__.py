"""What came of a run, written for people, for programs and for CI systems; every word through the redactor."""
