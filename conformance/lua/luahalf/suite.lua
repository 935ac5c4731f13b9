-- The files of this suite, LuaSocket's Lua half and mime.core, in the order in which they run.
return {
  "ltn12", "ltn12_chains", "mime_core", "mime_lines", "mime", "url", "url_absolute", "headers", "http", "http_bodies",
  "http_redirects", "http_proxies", "http_failures", "http_parts", "http_pool",
  "tp", "smtp", "smtp_message", "ftp", "reference",
}
