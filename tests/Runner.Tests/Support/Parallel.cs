// Most of a test's time is the start of a process, which one test at a time would wait for.
[assembly: Parallelize(Workers = 3, Scope = ExecutionScope.MethodLevel)]
