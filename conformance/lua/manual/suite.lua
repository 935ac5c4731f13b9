-- The files of this suite: the manual against the modules, and its blocks of code.
return { "reference", "blocks" }
