libdill_OBJECTS  := libdill
libdill_HEADERS  := libdill.h libdillimpl.h relink/libdill.h
libdill_DIALECTS := gnu90 gnu99 gnu17

libdill_ROOM    := libdill
libdill_VERSION := 25.0.5
libdill_FILE    := libdill.so.20.5.0
libdill_SONAME  := libdill.so.20
libdill_LINKS   := libdill.so
libdill_OPTIONAL := ssl crypto
# Threads that end after the library was unloaded would call into it.
libdill_SYSLIBS := -Wl,-z,nodelete -lgcc_s -lc
libdill_NEEDED  := libc.so.6 libgcc_s.so.1 $(LOADER)
libdill_PC      := libdill
libdill_ARCHIVE := libdill.a
