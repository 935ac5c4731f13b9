-- The files of this suite, LuaSocket's Lua half and mime.core, in the order in which they run.
return { "ltn12", "ltn12_chains", "mime_core", "mime_lines", "mime", "url", "url_absolute" }
