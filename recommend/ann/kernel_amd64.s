#include "textflag.h"

// Every kernel scores many rows a call: the rows ids[0..n) (gather) or the
// first n rows (scan) of a matrix of byte codes or of float32. Rows of codes
// are whole blocks of 64 bytes, rows of float32 whole blocks of 16 numbers.
// A gather first asks for the rows' first cache lines, so that the memory
// answers them side by side.

// REDUCE4 adds up the 16 sums of each of Z4, Z6, Z8, Z10 into X4.
#define REDUCE4 \
	VEXTRACTI64X4 $1, Z4, Y5   \
	VEXTRACTI64X4 $1, Z6, Y7   \
	VEXTRACTI64X4 $1, Z8, Y9   \
	VEXTRACTI64X4 $1, Z10, Y11 \
	VPADDD Y5, Y4, Y4          \
	VPADDD Y7, Y6, Y6          \
	VPADDD Y9, Y8, Y8          \
	VPADDD Y11, Y10, Y10       \
	REDUCE4Y

// REDUCE4Y adds up the 8 sums of each of Y4, Y6, Y8, Y10 into X4.
#define REDUCE4Y \
	VPHADDD Y6, Y4, Y4    \
	VPHADDD Y10, Y8, Y8   \
	VPHADDD Y8, Y4, Y4    \
	VEXTRACTI128 $1, Y4, X5 \
	VPADDD X5, X4, X4

// REDUCE1 adds up the 16 sums of Z4 into the lowest of X4.
#define REDUCE1 \
	VEXTRACTI64X4 $1, Z4, Y5 \
	VPADDD Y5, Y4, Y4        \
	REDUCE1Y

#define REDUCE1Y \
	VEXTRACTI128 $1, Y4, X5 \
	VPADDD X5, X4, X4       \
	VPHADDD X4, X4, X4      \
	VPHADDD X4, X4, X4

// PREFETCH asks for the first line of each row; R12 is the rows' stride.
#define PREFETCH(again, done) \
	XORQ R8, R8             \
again:                          \
	CMPQ R8, DX             \
	JGE  done               \
	MOVLQSX (CX)(R8*4), R9  \
	IMULQ R12, R9           \
	PREFETCHT0 (BX)(R9*1)   \
	INCQ R8                 \
	JMP  again              \
done:

// ROW puts the address of row SI+k into reg.
#define ROW(k, reg) \
	MOVLQSX (k*4)(CX)(SI*4), reg \
	IMULQ R12, reg               \
	ADDQ BX, reg

// VNNI1 scores the row of one block at the address reg with Z0 (high parts of
// the query) and Z1 (low parts).
#define VNNI1(reg, row, acc) \
	VMOVDQU64 (reg), row     \
	VPXORD acc, acc, acc     \
	VPDPBUSD Z0, row, acc    \
	VPSLLD $7, acc, acc      \
	VPDPBUSD Z1, row, acc

// func gatherBytesVNNI(query *int8, codes *uint8, stride int, ids *int32, n int, out *int32)
TEXT ·gatherBytesVNNI(SB), NOSPLIT, $0-48
	MOVQ query+0(FP), AX
	MOVQ codes+8(FP), BX
	MOVQ stride+16(FP), R12
	MOVQ ids+24(FP), CX
	MOVQ n+32(FP), DX
	MOVQ out+40(FP), DI
	XORQ SI, SI
	PREFETCH(gvAsk, gvAsked)
	CMPQ R12, $64
	JNE  gvLong
	VMOVDQU64 (AX), Z0
	VMOVDQU64 64(AX), Z1
	LEAQ -3(DX), R13
gvFour:
	CMPQ SI, R13
	JGE  gvOne
	ROW(0, R8)
	ROW(1, R9)
	ROW(2, R10)
	ROW(3, R11)
	VNNI1(R8, Z12, Z4)
	VNNI1(R9, Z13, Z6)
	VNNI1(R10, Z14, Z8)
	VNNI1(R11, Z15, Z10)
	REDUCE4
	VMOVDQU X4, (DI)(SI*4)
	ADDQ $4, SI
	JMP  gvFour
gvOne:
	CMPQ SI, DX
	JGE  gvDone
	ROW(0, R8)
	VNNI1(R8, Z12, Z4)
	REDUCE1
	VMOVD X4, (DI)(SI*4)
	INCQ SI
	JMP  gvOne
gvLong:
	CMPQ SI, DX
	JGE  gvDone
	ROW(0, R8)
	VPXORD Z4, Z4, Z4
	VPXORD Z6, Z6, Z6
	XORQ R9, R9
	MOVQ AX, R10
gvBlock:
	VMOVDQU64 (R8)(R9*1), Z12
	VPDPBUSD (R10), Z12, Z6
	VPDPBUSD 64(R10), Z12, Z4
	ADDQ $128, R10
	ADDQ $64, R9
	CMPQ R9, R12
	JLT  gvBlock
	VPSLLD $7, Z6, Z6
	VPADDD Z6, Z4, Z4
	REDUCE1
	VMOVD X4, (DI)(SI*4)
	INCQ SI
	JMP  gvLong
gvDone:
	VZEROUPPER
	RET

// func scanBytesVNNI(query *int8, codes *uint8, stride int, n int, out *int32)
TEXT ·scanBytesVNNI(SB), NOSPLIT, $0-40
	MOVQ query+0(FP), AX
	MOVQ codes+8(FP), BX
	MOVQ stride+16(FP), R12
	MOVQ n+24(FP), DX
	MOVQ out+32(FP), DI
	XORQ SI, SI
	CMPQ R12, $64
	JNE  svLong
	VMOVDQU64 (AX), Z0
	VMOVDQU64 64(AX), Z1
	LEAQ -3(DX), R13
svFour:
	CMPQ SI, R13
	JGE  svOne
	PREFETCHT0 1024(BX)
	PREFETCHT0 1088(BX)
	PREFETCHT0 1152(BX)
	PREFETCHT0 1216(BX)
	LEAQ 64(BX), R9
	LEAQ 128(BX), R10
	LEAQ 192(BX), R11
	VNNI1(BX, Z12, Z4)
	VNNI1(R9, Z13, Z6)
	VNNI1(R10, Z14, Z8)
	VNNI1(R11, Z15, Z10)
	REDUCE4
	VMOVDQU X4, (DI)(SI*4)
	ADDQ $256, BX
	ADDQ $4, SI
	JMP  svFour
svOne:
	CMPQ SI, DX
	JGE  svDone
	VNNI1(BX, Z12, Z4)
	REDUCE1
	VMOVD X4, (DI)(SI*4)
	ADDQ $64, BX
	INCQ SI
	JMP  svOne
svLong:
	CMPQ SI, DX
	JGE  svDone
	VPXORD Z4, Z4, Z4
	VPXORD Z6, Z6, Z6
	XORQ R9, R9
	MOVQ AX, R10
svBlock:
	VMOVDQU64 (BX), Z12
	VPDPBUSD (R10), Z12, Z6
	VPDPBUSD 64(R10), Z12, Z4
	ADDQ $128, R10
	ADDQ $64, BX
	ADDQ $64, R9
	CMPQ R9, R12
	JLT  svBlock
	VPSLLD $7, Z6, Z6
	VPADDD Z6, Z4, Z4
	REDUCE1
	VMOVD X4, (DI)(SI*4)
	INCQ SI
	JMP  svLong
svDone:
	VZEROUPPER
	RET

// WORDS512 scores the row of one block at reg with the 64 words Z0, Z1.
#define WORDS512(reg, a, b) \
	VPMOVZXBW (reg), a      \
	VPMOVZXBW 32(reg), b    \
	VPMADDWD a, Z0, a       \
	VPMADDWD b, Z1, b       \
	VPADDD b, a, a

// LONG512 scores the row at R8 with the words at AX into Z4.
#define LONG512(again) \
	VPXORD Z4, Z4, Z4            \
	VPXORD Z6, Z6, Z6            \
	XORQ R9, R9                  \
again:                               \
	VPMOVZXBW (R8)(R9*1), Z12    \
	VPMOVZXBW 32(R8)(R9*1), Z13  \
	VPMADDWD (AX)(R9*2), Z12, Z12   \
	VPMADDWD 64(AX)(R9*2), Z13, Z13 \
	VPADDD Z12, Z4, Z4           \
	VPADDD Z13, Z6, Z6           \
	ADDQ $64, R9                 \
	CMPQ R9, R12                 \
	JLT  again                   \
	VPADDD Z6, Z4, Z4            \
	REDUCE1

// func gatherBytesAVX512(query *int16, codes *uint8, stride int, ids *int32, n int, out *int32)
TEXT ·gatherBytesAVX512(SB), NOSPLIT, $0-48
	MOVQ query+0(FP), AX
	MOVQ codes+8(FP), BX
	MOVQ stride+16(FP), R12
	MOVQ ids+24(FP), CX
	MOVQ n+32(FP), DX
	MOVQ out+40(FP), DI
	XORQ SI, SI
	PREFETCH(g5Ask, g5Asked)
	CMPQ R12, $64
	JNE  g5Long
	VMOVDQU64 (AX), Z0
	VMOVDQU64 64(AX), Z1
	LEAQ -3(DX), R13
g5Four:
	CMPQ SI, R13
	JGE  g5Long
	ROW(0, R8)
	ROW(1, R9)
	ROW(2, R10)
	ROW(3, R11)
	WORDS512(R8, Z4, Z5)
	WORDS512(R9, Z6, Z7)
	WORDS512(R10, Z8, Z9)
	WORDS512(R11, Z10, Z11)
	REDUCE4
	VMOVDQU X4, (DI)(SI*4)
	ADDQ $4, SI
	JMP  g5Four
g5Long:
	CMPQ SI, DX
	JGE  g5Done
	ROW(0, R8)
	LONG512(g5Block)
	VMOVD X4, (DI)(SI*4)
	INCQ SI
	JMP  g5Long
g5Done:
	VZEROUPPER
	RET

// func scanBytesAVX512(query *int16, codes *uint8, stride int, n int, out *int32)
TEXT ·scanBytesAVX512(SB), NOSPLIT, $0-40
	MOVQ query+0(FP), AX
	MOVQ codes+8(FP), R8
	MOVQ stride+16(FP), R12
	MOVQ n+24(FP), DX
	MOVQ out+32(FP), DI
	XORQ SI, SI
	CMPQ R12, $64
	JNE  s5Long
	VMOVDQU64 (AX), Z0
	VMOVDQU64 64(AX), Z1
	LEAQ -3(DX), R13
s5Four:
	CMPQ SI, R13
	JGE  s5Long
	PREFETCHT0 1024(R8)
	PREFETCHT0 1088(R8)
	PREFETCHT0 1152(R8)
	PREFETCHT0 1216(R8)
	LEAQ 64(R8), R9
	LEAQ 128(R8), R10
	LEAQ 192(R8), R11
	WORDS512(R8, Z4, Z5)
	WORDS512(R9, Z6, Z7)
	WORDS512(R10, Z8, Z9)
	WORDS512(R11, Z10, Z11)
	REDUCE4
	VMOVDQU X4, (DI)(SI*4)
	ADDQ $256, R8
	ADDQ $4, SI
	JMP  s5Four
s5Long:
	CMPQ SI, DX
	JGE  s5Done
	LONG512(s5Block)
	VMOVD X4, (DI)(SI*4)
	ADDQ R12, R8
	INCQ SI
	JMP  s5Long
s5Done:
	VZEROUPPER
	RET

// LONG256 scores the row at R8 with the words at AX into Y4.
#define LONG256(again) \
	VPXOR Y4, Y4, Y4             \
	VPXOR Y6, Y6, Y6             \
	XORQ R9, R9                  \
again:                               \
	VPMOVZXBW (R8)(R9*1), Y12    \
	VPMOVZXBW 16(R8)(R9*1), Y13  \
	VPMOVZXBW 32(R8)(R9*1), Y14  \
	VPMOVZXBW 48(R8)(R9*1), Y15  \
	VPMADDWD (AX)(R9*2), Y12, Y12   \
	VPMADDWD 32(AX)(R9*2), Y13, Y13 \
	VPMADDWD 64(AX)(R9*2), Y14, Y14 \
	VPMADDWD 96(AX)(R9*2), Y15, Y15 \
	VPADDD Y12, Y4, Y4           \
	VPADDD Y13, Y6, Y6           \
	VPADDD Y14, Y4, Y4           \
	VPADDD Y15, Y6, Y6           \
	ADDQ $64, R9                 \
	CMPQ R9, R12                 \
	JLT  again                   \
	VPADDD Y6, Y4, Y4            \
	REDUCE1Y

// func gatherBytesAVX2(query *int16, codes *uint8, stride int, ids *int32, n int, out *int32)
TEXT ·gatherBytesAVX2(SB), NOSPLIT, $0-48
	MOVQ query+0(FP), AX
	MOVQ codes+8(FP), BX
	MOVQ stride+16(FP), R12
	MOVQ ids+24(FP), CX
	MOVQ n+32(FP), DX
	MOVQ out+40(FP), DI
	XORQ SI, SI
	PREFETCH(g2Ask, g2Asked)
g2Row:
	CMPQ SI, DX
	JGE  g2Done
	ROW(0, R8)
	LONG256(g2Block)
	VMOVD X4, (DI)(SI*4)
	INCQ SI
	JMP  g2Row
g2Done:
	VZEROUPPER
	RET

// func scanBytesAVX2(query *int16, codes *uint8, stride int, n int, out *int32)
TEXT ·scanBytesAVX2(SB), NOSPLIT, $0-40
	MOVQ query+0(FP), AX
	MOVQ codes+8(FP), R8
	MOVQ stride+16(FP), R12
	MOVQ n+24(FP), DX
	MOVQ out+32(FP), DI
	XORQ SI, SI
s2Row:
	CMPQ SI, DX
	JGE  s2Done
	PREFETCHT0 1024(R8)
	LONG256(s2Block)
	VMOVD X4, (DI)(SI*4)
	ADDQ R12, R8
	INCQ SI
	JMP  s2Row
s2Done:
	VZEROUPPER
	RET

// SUM adds up the 8 float32 of Y4 into the lowest of X4.
#define SUM \
	VEXTRACTF128 $1, Y4, X5 \
	VADDPS X5, X4, X4       \
	VHADDPS X4, X4, X4      \
	VHADDPS X4, X4, X4

// PREFETCH4 asks for four lines of each row: a row of 64 float32.
#define PREFETCH4(again, done) \
	XORQ R8, R8               \
again:                            \
	CMPQ R8, DX               \
	JGE  done                 \
	MOVLQSX (CX)(R8*4), R9    \
	IMULQ R12, R9             \
	PREFETCHT0 (BX)(R9*1)     \
	PREFETCHT0 64(BX)(R9*1)   \
	PREFETCHT0 128(BX)(R9*1)  \
	PREFETCHT0 192(BX)(R9*1)  \
	INCQ R8                   \
	JMP  again                \
done:

// func gatherFloatsAVX512(query *float32, rows *float32, stride int, ids *int32, n int, out *float32)
// stride is in bytes.
TEXT ·gatherFloatsAVX512(SB), NOSPLIT, $0-48
	MOVQ query+0(FP), AX
	MOVQ rows+8(FP), BX
	MOVQ stride+16(FP), R12
	MOVQ ids+24(FP), CX
	MOVQ n+32(FP), DX
	MOVQ out+40(FP), DI
	XORQ SI, SI
	PREFETCH4(f5Ask, f5Asked)
	MOVQ R12, R13
	SUBQ $255, R13 // the last start of four whole blocks, and one
f5Row:
	CMPQ SI, DX
	JGE  f5Done
	ROW(0, R8)
	VXORPS Z4, Z4, Z4
	VXORPS Z5, Z5, Z5
	VXORPS Z6, Z6, Z6
	VXORPS Z7, Z7, Z7
	XORQ R9, R9
f5Four:
	CMPQ R9, R13
	JGE  f5One
	VMOVUPS (R8)(R9*1), Z12
	VMOVUPS 64(R8)(R9*1), Z13
	VMOVUPS 128(R8)(R9*1), Z14
	VMOVUPS 192(R8)(R9*1), Z15
	VFMADD231PS (AX)(R9*1), Z12, Z4
	VFMADD231PS 64(AX)(R9*1), Z13, Z5
	VFMADD231PS 128(AX)(R9*1), Z14, Z6
	VFMADD231PS 192(AX)(R9*1), Z15, Z7
	ADDQ $256, R9
	JMP  f5Four
f5One:
	CMPQ R9, R12
	JGE  f5Sum
	VMOVUPS (R8)(R9*1), Z12
	VFMADD231PS (AX)(R9*1), Z12, Z4
	ADDQ $64, R9
	JMP  f5One
f5Sum:
	VADDPS Z5, Z4, Z4
	VADDPS Z7, Z6, Z6
	VADDPS Z6, Z4, Z4
	VEXTRACTF64X4 $1, Z4, Y5
	VADDPS Y5, Y4, Y4
	SUM
	VMOVSS X4, (DI)(SI*4)
	INCQ SI
	JMP  f5Row
f5Done:
	VZEROUPPER
	RET

// func gatherFloatsAVX2(query *float32, rows *float32, stride int, ids *int32, n int, out *float32)
// stride is in bytes.
TEXT ·gatherFloatsAVX2(SB), NOSPLIT, $0-48
	MOVQ query+0(FP), AX
	MOVQ rows+8(FP), BX
	MOVQ stride+16(FP), R12
	MOVQ ids+24(FP), CX
	MOVQ n+32(FP), DX
	MOVQ out+40(FP), DI
	XORQ SI, SI
	PREFETCH4(f2Ask, f2Asked)
f2Row:
	CMPQ SI, DX
	JGE  f2Done
	ROW(0, R8)
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	XORQ R9, R9
f2Block:
	VMOVUPS (R8)(R9*1), Y12
	VMOVUPS 32(R8)(R9*1), Y13
	VFMADD231PS (AX)(R9*1), Y12, Y4
	VFMADD231PS 32(AX)(R9*1), Y13, Y5
	ADDQ $64, R9
	CMPQ R9, R12
	JLT  f2Block
	VADDPS Y5, Y4, Y4
	SUM
	VMOVSS X4, (DI)(SI*4)
	INCQ SI
	JMP  f2Row
f2Done:
	VZEROUPPER
	RET
