/* LWMsg: the language of types. Part of relink; MIT OR Apache-2.0.
 *
 * A type is described by a table, a static array of LWMsgTypeSpec made with the macros below:
 *
 *     static LWMsgTypeSpec point_spec[] =
 *     {
 *         LWMSG_STRUCT_BEGIN(Point),
 *         LWMSG_MEMBER_INT32(Point, x),
 *         LWMSG_MEMBER_INT32(Point, y),
 *         LWMSG_STRUCT_END,
 *         LWMSG_TYPE_END
 *     };
 *
 * A type is followed by its attributes. Tables are read as long as anything uses them, and never changed.
 *
 * LWMSG_OMIT_TYPESPEC_METADATA leaves the names out of the tables, which makes them smaller and prints without names;
 * LWMSG_SPEC_DEBUG puts the place in the source into them. Tables of all sorts may be mixed.
 *
 * Generated from the library's sources; do not edit.
 */

#ifndef LWMSG_TYPE_H
#define LWMSG_TYPE_H

#include <lwmsg/status.h>
#include <lwmsg/buffer.h>
#include <lwmsg/common.h>
#include <stddef.h>
#include <stdlib.h>
#include <inttypes.h>

struct LWMsgDataContext;
struct LWMsgContext;
struct LWMsgType;

/** The kinds of types. */
typedef enum LWMsgKind {
    LWMSG_KIND_NONE = 0,
    LWMSG_KIND_VOID = 1,
    LWMSG_KIND_INTEGER = 2,
    LWMSG_KIND_ENUM = 3,
    LWMSG_KIND_STRUCT = 4,
    LWMSG_KIND_UNION = 5,
    LWMSG_KIND_ARRAY = 6,
    LWMSG_KIND_POINTER = 7,
    LWMSG_KIND_CUSTOM = 128
} LWMsgKind;

/** What says how many elements there are. */
typedef enum LWMsgArrayTermination {
    LWMSG_TERM_STATIC,
    LWMSG_TERM_ZERO,
    LWMSG_TERM_MEMBER
} LWMsgArrayTermination;

/** The order of an integer's bytes. */
typedef enum LWMsgByteOrder {
    /** The lowest first. */
    LWMSG_LITTLE_ENDIAN,
    /** The highest first. */
    LWMSG_BIG_ENDIAN
} LWMsgByteOrder;

/** Whether an integer has a sign. */
typedef enum LWMsgSignage {
    /** It has. */
    LWMSG_SIGNED,
    /** It has not. */
    LWMSG_UNSIGNED
} LWMsgSignage;

/** Attributes that functions of custom classes can ask for. */
typedef enum LWMsgTypeFlags {
    /** LWMSG_ATTR_NOT_NULL. */
    LWMSG_TYPE_FLAG_NOT_NULL = 0x01,
    /** LWMSG_ATTR_SENSITIVE. */
    LWMSG_TYPE_FLAG_SENSITIVE = 0x02,
    /** A pointer that the table does not mention, to the object itself. */
    LWMSG_TYPE_FLAG_PROMOTED = 0x04,
    /** LWMSG_ATTR_RANGE, of an integer. */
    LWMSG_TYPE_FLAG_RANGE = 0x08,
    /** LWMSG_ATTR_ALIASABLE, of a pointer. */
    LWMSG_TYPE_FLAG_ALIASABLE = 0x08
} LWMsgTypeFlags;

/** The attributes of a type, as long as the function runs that got it. Opaque. */
typedef struct LWMsgType LWMsgType;

/** A word of a table. */
typedef size_t const LWMsgTypeSpec;

/** Makes the transmitted object, zeroed memory of the transmitted type's size, from the presented one. */
typedef LWMsgStatus (*LWMsgTypeMarshalFunction)(struct LWMsgDataContext *context, LWMsgType *type, void *object,
                                                void *transmit_object, void *data);

/** Makes the presented object from the transmitted one, which is freed afterwards. */
typedef LWMsgStatus (*LWMsgTypeUnmarshalFunction)(struct LWMsgDataContext *context, LWMsgType *type,
                                                  void *transmit_object, void *object, void *data);

/** Frees what a presented object owns, but not the object. */
typedef void (*LWMsgTypeDestroyPresentedFunction)(struct LWMsgDataContext *context, LWMsgType *type, void *object,
                                                  void *data);

/** Frees what the transmitted object owns that the marshal function made, but not the object. */
typedef void (*LWMsgTypeDestroyTransmittedFunction)(struct LWMsgDataContext *context, LWMsgType *type, void *object,
                                                    void *data);

/** Writes a presented object as text. */
typedef LWMsgStatus (*LWMsgTypePrintFunction)(struct LWMsgDataContext *context, LWMsgType *attr, void *object,
                                              void *data, LWMsgBuffer *buffer);

/** A custom type: objects that are turned into objects of another type, and those are sent. */
typedef struct LWMsgTypeClass {
    /** The object is a pointer: at the top level it is not passed by another one. */
    LWMsgBool is_pointer;
    /** The table of the type that is sent. */
    LWMsgTypeSpec *transmit_type;
    /** NULL when the objects are the same. */
    LWMsgTypeMarshalFunction marshal;
    /** NULL when the objects are the same. */
    LWMsgTypeUnmarshalFunction unmarshal;
    /** NULL when there is nothing to free. */
    LWMsgTypeDestroyPresentedFunction destroy_presented;
    /** NULL when there is nothing to free. */
    LWMsgTypeDestroyTransmittedFunction destroy_transmitted;
    /** NULL to print the object that is sent. */
    LWMsgTypePrintFunction print;
} LWMsgTypeClass;

/**
 * A check of the program's own: called before the object is marshalled and after it has been unmarshalled. Anything
 * but LWMSG_STATUS_SUCCESS ends the operation with that status.
 */
typedef LWMsgStatus (*LWMsgVerifyFunction)(struct LWMsgDataContext *context, LWMsgBool unmarshalling, void *object,
                                           void *data);

/** The commands and flags that tables consist of. */
typedef enum LWMsgTypeDirective {
    LWMSG_CMD_END,
    LWMSG_CMD_STRUCT,
    LWMSG_CMD_UNION,
    LWMSG_CMD_INTEGER,
    LWMSG_CMD_POINTER,
    LWMSG_CMD_ARRAY,
    LWMSG_CMD_TYPESPEC,
    LWMSG_CMD_TERMINATION,
    LWMSG_CMD_TAG,
    LWMSG_CMD_DISCRIM,
    LWMSG_CMD_CUSTOM,
    LWMSG_CMD_VERIFY,
    LWMSG_CMD_RANGE,
    LWMSG_CMD_NOT_NULL,
    LWMSG_CMD_CUSTOM_ATTR,
    LWMSG_CMD_VOID,
    LWMSG_CMD_ENCODING,
    LWMSG_CMD_SENSITIVE,
    LWMSG_CMD_ALIASABLE,
    LWMSG_CMD_ENUM,
    LWMSG_CMD_ENUM_VALUE,
    LWMSG_CMD_ENUM_MASK,
    LWMSG_CMD_MAX_ALLOC,
    LWMSG_FLAG_MEMBER = 0x10000,
    LWMSG_FLAG_META = 0x20000,
    LWMSG_FLAG_DEBUG = 0x40000
} LWMsgTypeDirective;

#define LWMSG_CMD_MASK 0xFFFF

/* What the macros below are made of. Not for programs. */
#ifndef LWMSG_SPEC_META
#define LWMSG_SPEC_META
#endif
#ifdef LWMSG_OMIT_TYPESPEC_METADATA
#undef LWMSG_SPEC_META
#endif

#define _TYPEARG(_v_) ((size_t) (_v_))

#ifdef LWMSG_SPEC_META
#define _TYPEFLAG_META (LWMSG_FLAG_META)
#define _TYPEMETA(type) , _TYPEARG(#type)
#define _TYPENAME(name) , _TYPEARG(name)
#define _TYPEMETA_MEMBER(type, field) , _TYPEARG(#field)
#else
#define _TYPEFLAG_META (0)
#define _TYPEMETA(type)
#define _TYPENAME(name)
#define _TYPEMETA_MEMBER(type, field)
#endif

#ifdef LWMSG_SPEC_DEBUG
#define _TYPEFLAG_DEBUG (LWMSG_FLAG_DEBUG)
#define _TYPEDEBUG , _TYPEARG(__FILE__), _TYPEARG(__LINE__)
#else
#define _TYPEFLAG_DEBUG (0)
#define _TYPEDEBUG
#endif

#define _TYPECMD(_c_) ((size_t) ((_c_) | _TYPEFLAG_DEBUG)) _TYPEDEBUG
#define _TYPECMD_TYPE(_c_, _t_) ((size_t) ((_c_) | _TYPEFLAG_META | _TYPEFLAG_DEBUG)) _TYPEMETA(_t_) _TYPEDEBUG
#define _TYPECMD_MEMBER(_c_, _t_, _m_) \
    ((size_t) ((_c_) | LWMSG_FLAG_MEMBER | _TYPEFLAG_META | _TYPEFLAG_DEBUG)) _TYPEMETA_MEMBER(_t_, _m_) _TYPEDEBUG
#define _TYPECMD_NAMED(_c_, _n_) ((size_t) ((_c_) | _TYPEFLAG_META | _TYPEFLAG_DEBUG)) _TYPENAME(_n_) _TYPEDEBUG

/** Nothing: an arm of a union that carries no data. */
#define LWMSG_VOID _TYPECMD(LWMSG_CMD_VOID)

/** Nothing, as a member: it has a name and no bytes. */
#define LWMSG_MEMBER_VOID(type, field) _TYPECMD_MEMBER(LWMSG_CMD_VOID, type, field)

/** The type of another table. Attributes that follow are added to its own. */
#define LWMSG_TYPESPEC(spec) _TYPECMD(LWMSG_CMD_TYPESPEC), _TYPEARG(spec)

/** A member that has the type of another table. */
#define LWMSG_MEMBER_TYPESPEC(type, field, spec)      \
    _TYPECMD_MEMBER(LWMSG_CMD_TYPESPEC, type, field), \
    _TYPEARG(sizeof(((type *) 0)->field)),            \
    _TYPEARG(offsetof(type, field)),                  \
    _TYPEARG(spec)

/** The end of a table. */
#define LWMSG_TYPE_END _TYPECMD(LWMSG_CMD_END)

/** The end of a structure. */
#define LWMSG_STRUCT_END _TYPECMD(LWMSG_CMD_END)

/** The end of a union. */
#define LWMSG_UNION_END _TYPECMD(LWMSG_CMD_END)

/** The end of a pointer. */
#define LWMSG_POINTER_END _TYPECMD(LWMSG_CMD_END)

/** The end of an array. */
#define LWMSG_ARRAY_END _TYPECMD(LWMSG_CMD_END)

/** The end of an enumeration. */
#define LWMSG_ENUM_END _TYPECMD(LWMSG_CMD_END)

/** A structure; its members follow, in the order in which they are sent. */
#define LWMSG_STRUCT_BEGIN(type) _TYPECMD_TYPE(LWMSG_CMD_STRUCT, type), _TYPEARG(sizeof(type))

/** A structure inside another. */
#define LWMSG_MEMBER_STRUCT_BEGIN(type, field)      \
    _TYPECMD_MEMBER(LWMSG_CMD_STRUCT, type, field), \
    _TYPEARG(sizeof(((type *) 0)->field)),          \
    _TYPEARG(offsetof(type, field))

/** A union; its arms follow, each with LWMSG_ATTR_TAG. Wherever it is used, LWMSG_ATTR_DISCRIM says which arm counts. */
#define LWMSG_UNION_BEGIN(type) _TYPECMD_TYPE(LWMSG_CMD_UNION, type), _TYPEARG(sizeof(type))

/** A union inside a structure. */
#define LWMSG_MEMBER_UNION_BEGIN(type, field)      \
    _TYPECMD_MEMBER(LWMSG_CMD_UNION, type, field), \
    _TYPEARG(sizeof(((type *) 0)->field)),         \
    _TYPEARG(offsetof(type, field))

/** A member that is an integer, sent in width bytes. */
#define LWMSG_MEMBER_INTEGER(type, field, width, sign) \
    _TYPECMD_MEMBER(LWMSG_CMD_INTEGER, type, field),   \
    _TYPEARG(sizeof(((type *) 0)->field)),             \
    _TYPEARG(offsetof(type, field)),                   \
    _TYPEARG(width),                                   \
    _TYPEARG(sign)

/** An integer, sent in width bytes; a value that does not fit is LWMSG_STATUS_OVERFLOW. */
#define LWMSG_INTEGER(type, width, sign)    \
    _TYPECMD_TYPE(LWMSG_CMD_INTEGER, type), \
    _TYPEARG(sizeof(type)),                 \
    _TYPEARG(width),                        \
    _TYPEARG(sign)

/** So many elements: 1 unless this says otherwise. */
#define LWMSG_ATTR_LENGTH_STATIC(count) \
    _TYPECMD(LWMSG_CMD_TERMINATION),    \
    _TYPEARG(LWMSG_TERM_STATIC),        \
    _TYPEARG(count)

/** As many elements as a member of the structure says that is sent before. */
#define LWMSG_ATTR_LENGTH_MEMBER(type, field) \
    _TYPECMD(LWMSG_CMD_TERMINATION),          \
    _TYPEARG(LWMSG_TERM_MEMBER),              \
    _TYPEARG(offsetof(type, field)),          \
    _TYPEARG(sizeof(((type *) 0)->field))

/** The elements end with one whose bytes are all zero. */
#define LWMSG_ATTR_ZERO_TERMINATED   \
    _TYPECMD(LWMSG_CMD_TERMINATION), \
    _TYPEARG(LWMSG_TERM_ZERO)

/** How the elements are printed: as text in a character set of iconv, "" for the locale's, or "hex+ascii". */
#define LWMSG_ATTR_ENCODING(enc)  \
    _TYPECMD(LWMSG_CMD_ENCODING), \
    _TYPEARG((enc))

/** Never printed. */
#define LWMSG_ATTR_SENSITIVE _TYPECMD(LWMSG_CMD_SENSITIVE)

/** A pointer to what other such pointers may point to: it is sent once, and cycles are allowed. */
#define LWMSG_ATTR_ALIASABLE _TYPECMD(LWMSG_CMD_ALIASABLE)

/** A string of the locale's character set. */
#define LWMSG_ATTR_STRING LWMSG_ATTR_ZERO_TERMINATED, LWMSG_ATTR_ENCODING("")

/** What a pointer points to may not take more than so many bytes. */
#define LWMSG_ATTR_MAX_ALLOC(max)  \
    _TYPECMD(LWMSG_CMD_MAX_ALLOC), \
    _TYPEARG((max))

/** The value that selects this arm of a union. */
#define LWMSG_ATTR_TAG(value) \
    _TYPECMD(LWMSG_CMD_TAG),  \
    _TYPEARG(value)

/** The member of the structure that selects the arm of a union. It is sent before. */
#define LWMSG_ATTR_DISCRIM(type, field) \
    _TYPECMD(LWMSG_CMD_DISCRIM),        \
    _TYPEARG(offsetof(type, field)),    \
    _TYPEARG(sizeof(((type *) 0)->field))

/** A check of the program's own, an LWMsgVerifyFunction and the data it gets. */
#define LWMSG_ATTR_VERIFY(func, data) \
    _TYPECMD(LWMSG_CMD_VERIFY),       \
    _TYPEARG(func),                   \
    _TYPEARG(data)

/** An integer is at least low and at most high, or the data is malformed. */
#define LWMSG_ATTR_RANGE(low, high) \
    _TYPECMD(LWMSG_CMD_RANGE),      \
    _TYPEARG(low),                  \
    _TYPEARG(high)

/** A pointer is never NULL. */
#define LWMSG_ATTR_NOT_NULL _TYPECMD(LWMSG_CMD_NOT_NULL)

/** A member that is a pointer; the type of what it points to follows. */
#define LWMSG_MEMBER_POINTER_BEGIN(type, field)      \
    _TYPECMD_MEMBER(LWMSG_CMD_POINTER, type, field), \
    _TYPEARG(offsetof(type, field))

/** A pointer; the type of what it points to follows. */
#define LWMSG_POINTER_BEGIN _TYPECMD(LWMSG_CMD_POINTER)

/** A member that is an array; the type of its elements follows. Without a fixed length it is the last member. */
#define LWMSG_MEMBER_ARRAY_BEGIN(type, field)      \
    _TYPECMD_MEMBER(LWMSG_CMD_ARRAY, type, field), \
    _TYPEARG(offsetof(type, field))

/** An object of a custom class, an LWMsgTypeClass *, whose functions get tdata. */
#define LWMSG_CUSTOM(type, tclass, tdata)  \
    _TYPECMD_TYPE(LWMSG_CMD_CUSTOM, type), \
    _TYPEARG(sizeof(type)),                \
    _TYPEARG(tclass),                      \
    _TYPEARG(tdata)

/** A member of a custom class. */
#define LWMSG_MEMBER_CUSTOM(type, field, tclass, tdata) \
    _TYPECMD_MEMBER(LWMSG_CMD_CUSTOM, type, field),     \
    _TYPEARG(sizeof(((type *) 0)->field)),              \
    _TYPEARG(offsetof(type, field)),                    \
    _TYPEARG(tclass),                                   \
    _TYPEARG(tdata)

/** Bits for the functions of a custom class. */
#define LWMSG_ATTR_CUSTOM(value)     \
    _TYPECMD(LWMSG_CMD_CUSTOM_ATTR), \
    _TYPEARG(value)

/** An enumeration, sent in width bytes; its values and masks follow. Other values are malformed. */
#define LWMSG_ENUM_BEGIN(type, width, sign) \
    _TYPECMD_TYPE(LWMSG_CMD_ENUM, type),    \
    _TYPEARG(sizeof(type)),                 \
    _TYPEARG(width),                        \
    _TYPEARG(sign)

/** A value of an enumeration, called as it is written. */
#define LWMSG_ENUM_VALUE(value)                 \
    _TYPECMD_TYPE(LWMSG_CMD_ENUM_VALUE, value), \
    _TYPEARG((value))

/** A value of an enumeration with another name. */
#define LWMSG_ENUM_NAMED_VALUE(name, value)     \
    _TYPECMD_NAMED(LWMSG_CMD_ENUM_VALUE, name), \
    _TYPEARG((value))

/** Bits of an enumeration that may be added to a value, called as they are written. */
#define LWMSG_ENUM_MASK(value)                 \
    _TYPECMD_TYPE(LWMSG_CMD_ENUM_MASK, value), \
    _TYPEARG((value))

/** Bits of an enumeration with another name. */
#define LWMSG_ENUM_NAMED_MASK(name, value)     \
    _TYPECMD_NAMED(LWMSG_CMD_ENUM_MASK, name), \
    _TYPEARG((value))

/* Members that are integers. */
#define LWMSG_MEMBER_INT8(type, field) LWMSG_MEMBER_INTEGER(type, field, 1, LWMSG_SIGNED)
#define LWMSG_MEMBER_INT16(type, field) LWMSG_MEMBER_INTEGER(type, field, 2, LWMSG_SIGNED)
#define LWMSG_MEMBER_INT32(type, field) LWMSG_MEMBER_INTEGER(type, field, 4, LWMSG_SIGNED)
#define LWMSG_MEMBER_INT64(type, field) LWMSG_MEMBER_INTEGER(type, field, 8, LWMSG_SIGNED)
#define LWMSG_MEMBER_UINT8(type, field) LWMSG_MEMBER_INTEGER(type, field, 1, LWMSG_UNSIGNED)
#define LWMSG_MEMBER_UINT16(type, field) LWMSG_MEMBER_INTEGER(type, field, 2, LWMSG_UNSIGNED)
#define LWMSG_MEMBER_UINT32(type, field) LWMSG_MEMBER_INTEGER(type, field, 4, LWMSG_UNSIGNED)
#define LWMSG_MEMBER_UINT64(type, field) LWMSG_MEMBER_INTEGER(type, field, 8, LWMSG_UNSIGNED)

/** A member that is a boolean. LW_FALSE and LW_TRUE are those of the program's own headers. */
#define LWMSG_MEMBER_BOOL(type, field)                    \
    LWMSG_MEMBER_INTEGER(type, field, 1, LWMSG_UNSIGNED), \
    LWMSG_ATTR_RANGE(LW_FALSE, LW_TRUE)

/* Integers. */
#define LWMSG_INT8(type) LWMSG_INTEGER(type, 1, LWMSG_SIGNED)
#define LWMSG_INT16(type) LWMSG_INTEGER(type, 2, LWMSG_SIGNED)
#define LWMSG_INT32(type) LWMSG_INTEGER(type, 4, LWMSG_SIGNED)
#define LWMSG_INT64(type) LWMSG_INTEGER(type, 8, LWMSG_SIGNED)
#define LWMSG_UINT8(type) LWMSG_INTEGER(type, 1, LWMSG_UNSIGNED)
#define LWMSG_UINT16(type) LWMSG_INTEGER(type, 2, LWMSG_UNSIGNED)
#define LWMSG_UINT32(type) LWMSG_INTEGER(type, 4, LWMSG_UNSIGNED)
#define LWMSG_UINT64(type) LWMSG_INTEGER(type, 8, LWMSG_UNSIGNED)

/** A member that is a string. */
#define LWMSG_MEMBER_PSTR(type, field)       \
    LWMSG_MEMBER_POINTER_BEGIN(type, field), \
    LWMSG_UINT8(char),                       \
    LWMSG_POINTER_END,                       \
    LWMSG_ATTR_STRING

/** A string. */
#define LWMSG_PSTR       \
    LWMSG_POINTER_BEGIN, \
    LWMSG_UINT8(char),   \
    LWMSG_POINTER_END,   \
    LWMSG_ATTR_STRING

/* A beginning, what is between, and an end. */
#define LWMSG_STRUCT(type, ...) LWMSG_STRUCT_BEGIN(type), __VA_ARGS__, LWMSG_STRUCT_END
#define LWMSG_POINTER(...) LWMSG_POINTER_BEGIN, __VA_ARGS__, LWMSG_POINTER_END
#define LWMSG_UNION(type, ...) LWMSG_UNION_BEGIN(type), __VA_ARGS__, LWMSG_UNION_END
#define LWMSG_MEMBER_STRUCT(type, field, ...) \
    LWMSG_MEMBER_STRUCT_BEGIN(type, field), __VA_ARGS__, LWMSG_STRUCT_END
#define LWMSG_MEMBER_POINTER(type, field, ...) \
    LWMSG_MEMBER_POINTER_BEGIN(type, field), __VA_ARGS__, LWMSG_POINTER_END
#define LWMSG_MEMBER_UNION(type, field, ...) \
    LWMSG_MEMBER_UNION_BEGIN(type, field), __VA_ARGS__, LWMSG_UNION_END
#define LWMSG_MEMBER_ARRAY(type, field, ...) \
    LWMSG_MEMBER_ARRAY_BEGIN(type, field), __VA_ARGS__, LWMSG_ARRAY_END


#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/**
 * Returns the attributes of a type that a function of a custom class was given: LWMSG_TYPE_FLAG_NOT_NULL and so on.
 */
LWMsgTypeFlags lwmsg_type_get_flags(const LWMsgType *type);

/**
 * Returns the bits of LWMSG_ATTR_CUSTOM.
 */
size_t lwmsg_type_get_custom_flags(const LWMsgType *type);

/**
 * Stores the bounds of LWMSG_ATTR_RANGE.
 *
 * Returns LWMSG_STATUS_SUCCESS, or LWMSG_STATUS_INVALID_PARAMETER when there are none.
 */
LWMsgStatus lwmsg_type_get_integer_range(const LWMsgType *type, size_t *low, size_t *high);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#endif  /* LWMSG_TYPE_H */
